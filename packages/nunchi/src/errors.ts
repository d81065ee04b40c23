/** What can be wrong with how the SDK is used: codes here, sentences in development builds only. */

/** The codes; each has a heading in docs/reference/errors.md. */
export type SdkCode =
  | 'options_key'
  | 'options_host'
  | 'event_name'
  | 'event_dropped'
  | 'event_rejected'
  | 'id_missing'
  | 'store_unavailable'
  | 'key_refused'
  | 'plugin_failed'
  | 'option_invalid'
  | 'input_invalid'
  | 'mirror_missing'
  | 'mirror_loop'
  | 'redaction_failed'
  | 'event_invalid'
  | 'flag_unknown'
  | 'flag_type'
  | 'experiment_unknown'
  | 'config_unsupported'
  | 'recommendations_refused'
  | 'provider_missing'
  | 'sdk_failed'

/** Hears about a problem; the page goes on. */
export type Report = (code: SdkCode, detail?: unknown) => void

/** Writes a code to the console, once per page: production builds carry no sentences. */
export function reporter(): Report {
  const told = new Set<SdkCode>()
  return (code, detail = '') => {
    if (told.has(code)) return
    told.add(code)
    console.warn(`nunchi: ${code}`, detail)
  }
}
