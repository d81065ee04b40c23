/** The flags that OpenFeature's scenarios ask for, in a config of ours. */
import type { Config, Flag, FlagType, Json } from '@nunchi/protocol'

/** A flag with one value for all; the rule names it, as their variants do. */
const named = (type: FlagType, variant: string, value: Json, none: Json): Flag => ({
  type,
  value: none,
  revision: 1,
  rules: [{ id: variant, value }],
})

/** One that is switched off, with nothing of its own to say then: the caller's default holds. */
const disabled = (type: FlagType, value: Json): Flag => ({
  type,
  value,
  off: null,
  enabled: false,
  revision: 1,
})

/** One that is `value` for whom the condition takes. */
const targeted = (type: FlagType, value: Json, other: Json, condition: { [path: string]: Json }): Flag => ({
  type,
  value: other,
  revision: 1,
  rules: [{ id: 'targeted', condition, value }],
})

const pics = { showImages: true, title: 'Check out these pics!', imagesPerPage: 100 }

/** The config. @param version of the flag that changes, too */
export function canonical(version: string): Config {
  const flags: Config['flags'] = {
    'boolean-flag': named('boolean', 'on', true, false),
    'string-flag': named('string', 'greeting', 'hi', ''),
    'integer-flag': named('number', 'ten', 10, 0),
    'float-flag': named('number', 'half', 0.5, 0),
    'object-flag': named('json', 'template', pics, {}),
    'wrong-flag': named('string', 'one', 'uno', ''),
    'boolean-zero-flag': named('boolean', 'zero', false, true),
    'string-zero-flag': named('string', 'zero', '', 'x'),
    'integer-zero-flag': named('number', 'zero', 0, 1),
    'float-zero-flag': named('number', 'zero', 0, 1),
    'large-integer-flag': named('number', 'max-int32', 2 ** 31 - 1, 0),
    'huge-integer-flag': named('number', 'max-safe', Number.MAX_SAFE_INTEGER, 0),
    'disabled-boolean-flag': disabled('boolean', true),
    'disabled-string-flag': disabled('string', 'hi'),
    'disabled-integer-flag': disabled('number', 10),
    'disabled-float-flag': disabled('number', 0.5),
    'changing-flag': named('string', version, version, ''),
    'targeting-key-flag': targeted('string', 'hit', 'miss', {
      targetingKey: '5c3d8535-f81a-4478-a6d3-afaa4d51199e',
    }),
    'context-aware': targeted('string', 'INTERNAL', 'EXTERNAL', {
      fn: 'Sulisław',
      ln: 'Świętopełk',
      age: 29,
      customer: false,
    }),
  }
  return { version, flags, experiments: {} }
}
