/** posthog-js as it comes: autocapture, page views and page leaves; replay and surveys, which it would load, are off. */
import posthog from 'posthog-js'

window.sdk = {
  init(host) {
    posthog.init('phc_bench', {
      api_host: host,
      autocapture: true,
      capture_pageview: true,
      capture_pageleave: true,
      disable_session_recording: true,
      disable_surveys: true,
      opt_out_useragent_filter: true,
    })
  },
  track: (name, properties) => posthog.capture(name, properties),
}
