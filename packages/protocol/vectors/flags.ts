/** What flags are by each kind of rule, twenty cases of each. */
import type { Flag, Rule } from '../src/config.ts'
import type { EvaluateOptions } from '../src/evaluation.ts'
import type { Json, JsonObject } from '../src/event.ts'
import { referenceArm, referenceBucket } from './reference.ts'

interface FlagVector {
  kind: string
  flags: { [key: string]: Flag }
  experiments: JsonObject
  attributes: JsonObject
  options: EvaluateOptions
  expected: { value: Json; reason: string; rule: string }
  sql: false
}

interface Tools {
  twenty<Made>(make: (i: number) => Made): Made[]
  unitAt(i: number): string
}

/** All of them; `flag` is the flag that is asked for. */
export function flagVectors({ twenty, unitAt }: Tools): FlagVector[] {
  const vector = (
    kind: string,
    i: number,
    flag: Partial<Flag>,
    [value, reason, rule = '']: [value: Json, reason: string, rule?: string],
    more: Partial<FlagVector> = {},
  ): FlagVector => ({
    kind,
    flags: { flag: { type: 'string', value: 'plain', revision: 1, ...flag } as Flag, ...more.flags },
    experiments: more.experiments ?? {},
    attributes: { anonymousId: unitAt(i), ...more.attributes },
    options: more.options ?? {},
    expected: { value, reason, rule },
    sql: false,
  })
  const rule = (more: Partial<Rule>): Rule[] => [{ id: 'r', value: 'new', ...more }]
  const hit: [Json, string, string] = ['new', 'rule', 'r']
  const miss: [Json, string] = ['plain', 'value']

  return [
    ...twenty((i) =>
      vector('value', i, { type: 'json', value: [1, 'a', null, { a: 1 }][i % 4]! }, [
        [1, 'a', null, { a: 1 }][i % 4]!,
        'value',
      ]),
    ),
    ...twenty((i) => {
      const country = i % 2 ? 'KR' : '한국'
      return vector(
        'condition',
        i,
        { rules: rule({ condition: { country: 'KR' } }) },
        country === 'KR' ? hit : miss,
        { attributes: { country } },
      )
    }),
    ...twenty((i) => {
      const coverage = [0, 100_000, 500_000, 1_000_000][i % 4]!
      const inside = referenceBucket(3, 'flag', unitAt(i)) < coverage
      return vector(
        'rollout',
        i,
        { rules: rule({ rollout: { coverage } }) },
        inside ? ['new', 'rollout', 'r'] : miss,
      )
    }),
    ...twenty((i) => {
      const roles = [['admin'], ['business', 'x'], [], 'admin', 'guest'][i % 5]! as Json
      const held = i % 5 === 0 || i % 5 === 1 || i % 5 === 3
      return vector(
        'roles',
        i,
        { rules: rule({ condition: { roles: { $in: ['admin', 'business'] } } }) },
        held ? hit : miss,
        { attributes: { roles } },
      )
    }),
    ...twenty((i) => {
      const now = 1000 + i
      return vector(
        'schedule',
        i,
        { rules: rule({ schedule: { start: 1005, end: 1015 } }) },
        now >= 1005 && now < 1015 ? hit : miss,
        { options: { now } },
      )
    }),
    ...twenty((i) =>
      vector('kill switch', i, { enabled: false, rules: rule({}), ...(i % 2 ? { off: 'off' } : {}) }, [
        i % 2 ? 'off' : 'plain',
        'disabled',
      ]),
    ),
    ...twenty((i) => {
      const parent: Flag = { type: 'boolean', value: i % 2 === 0, revision: 1 }
      const gate = i % 4 < 2
      const expected: [Json, string, string?] = i % 2 === 0 ? hit : gate ? ['plain', 'prerequisite'] : miss
      return vector(
        'prerequisite',
        i,
        { rules: rule({ prerequisites: [{ flag: 'parent', gate }] }) },
        expected,
        { flags: { parent } },
      )
    }),
    ...twenty((i) => {
      const rules: Rule[] = [
        { id: 'first', value: 'first', condition: { n: i % 3 } },
        { id: 'second', value: 'second', condition: { n: { $gte: 0 } } },
      ]
      return vector(
        'order',
        i,
        { rules },
        i % 2 ? ['first', 'rule', 'first'] : ['second', 'rule', 'second'],
        { attributes: { n: i % 2 ? i % 3 : 7 } },
      )
    }),
    ...twenty((i) => {
      const variants = [
        { key: 'a', weight: 500_000, isControl: true, configuration: 'A' },
        { key: 'b', weight: 500_000, configuration: 'B' },
      ]
      const coverage = i % 2 ? 1_000_000 : 400_000
      const arm = referenceArm(referenceBucket(3, 'test', unitAt(i)), [1, 1], coverage)
      return vector(
        'experiment',
        i,
        { rules: [{ id: 'r', experiment: 'test' }] },
        arm < 0 ? miss : [['A', 'B'][arm]!, 'experiment', 'r'],
        {
          experiments: { test: { status: 'running', revision: 1, variants, coverage } },
        },
      )
    }),
    ...twenty((i) =>
      vector('override', i, { enabled: i % 2 === 0 }, [i, 'override'], {
        options: { overrides: { flags: { flag: i } } },
      }),
    ),
    ...twenty((i) =>
      vector(
        'newer version',
        i,
        {
          rules: [
            {
              id: 'r',
              value: 'new',
              ...(i % 2 ? { moonPhase: 'full' } : { condition: { a: { $moon: 1 } } }),
            } as Rule,
          ],
        },
        miss,
      ),
    ),
  ]
}
