/** The sentences of the development build: what was wrong, and what to do. */
import type { Report, SdkCode } from './errors.ts'

const sentences: Record<SdkCode, string> = {
  options_key:
    'createNunchi() got no public key, so nothing is sent. Pass { key: "nk_pub_…" } as printed by `nunchi keys create`.',
  options_host:
    'createNunchi() got no collector address, so nothing is sent. Pass { host: "https://…" }, the origin of your collector.',
  event_name: 'An event without a name was not recorded. Give track() a name such as "Product Added".',
  event_dropped:
    'An event was dropped. Its reason is counted and reported to the collector; the detail beside says which.',
  event_rejected:
    'The collector refused an event and keeps it aside. The detail beside says which field was wrong and what to do.',
  id_missing:
    'identify(), alias() or group() got no id and did nothing. Pass your own id of the person or group as text.',
  store_unavailable:
    'IndexedDB cannot be used here, so events wait in memory only and are lost if the page is closed before they are sent.',
  key_refused:
    'The collector refused the key or this page’s origin, so sending pauses. Check the key, and that the key’s origins list this site.',
  plugin_failed: 'A plugin or listener threw; the event was kept. The detail beside is its error.',
  option_invalid:
    'A plugin got an option that it cannot use and took its default. The detail beside names the option.',
  input_invalid:
    'A plugin was handed something that it cannot record. That part was left out. The detail beside names it.',
  mirror_missing:
    'The tracker that mirror() names never came, so events are stored but not passed on. Check the name of the global, or take mirror() out.',
  mirror_loop:
    'mirror() passed on fifty events of one name within ten seconds and pauses for that name: the tracker may be sending them back. They are stored.',
  redaction_failed:
    'redact() could not look through an event, so its properties, contexts, title and queries were left out. The detail beside is the error.',
  event_invalid:
    'An event is not what defineEvents() says; it was stored as it is. The detail beside names the event and what is wrong with it.',
  flag_unknown:
    'The config knows no flag of this name, so its fallback holds. Check the name, and that the flag is published in this environment.',
  flag_type:
    'This flag has a value of another type than its fallback, so the fallback holds. Give a fallback of the type of the flag.',
  experiment_unknown:
    'The config knows no experiment of this name, so nobody is in it. Check the name, and that the experiment is published in this environment.',
  config_unsupported:
    'The config asks for what this page cannot evaluate, and those parts are passed over. Update nunchi, or pass experiments({ evaluator: fullEvaluator }).',
  recommendations_refused:
    'The collector will not recommend what was asked for, so lists stay as they were. The detail beside is its problem, with what to do.',
  provider_missing:
    'A hook or component of nunchi/react stands outside <NunchiProvider>, so nothing is recorded and fallbacks hold. Put the provider around it.',
  sdk_failed: 'nunchi met an error of its own and went on. Please report the detail beside.',
}

/** The sentence of a code, with the address of its entry in the documentation. */
function sentence(code: SdkCode): string {
  return `${sentences[code]} (https://nunchi.dev/docs/errors#${code})`
}

/** As `reporter()`, in sentences; of events, flags and experiments each name is told of once. */
export function sentenceReporter(): Report {
  const told = new Set<string>()
  return (code, detail = '') => {
    const { event, flag, experiment } = Object(detail) as { [kind: string]: string | undefined }
    const name = event ?? flag ?? experiment ?? ''
    if (told.has(code + name)) return
    told.add(code + name)
    console.warn(`nunchi: ${name && `"${name}": `}${sentence(code)}`, detail)
  }
}
