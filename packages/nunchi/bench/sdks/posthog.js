/** posthog-js with autocapture, page views, replay and surveys off; robots, such as this one, let in. */
import posthog from 'posthog-js'

window.sdk = {
  init(host) {
    posthog.init('phc_bench', {
      api_host: host,
      autocapture: false,
      capture_pageview: false,
      disable_session_recording: true,
      disable_surveys: true,
      opt_out_useragent_filter: true,
    })
  },
  track: (name, properties) => posthog.capture(name, properties),
}
