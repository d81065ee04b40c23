/** Answers other than an ack: wait, go away, I do not understand, that is too much, and acks of something else. */
import type { Case } from '../case.ts'
import type { Fate } from '../rig/edge.ts'

const refusal = (status: number, headers: Record<string, string> = {}, code = ''): Fate => ({
  answer: { status, headers, body: JSON.stringify({ code }) },
})

export const storm: Case = {
  number: 15,
  name: '429 with Retry-After in seconds and as a date, 503, a storm of 500s',
  async run(world) {
    const { edge } = world
    const visitor = await world.visitor()
    const answers = [
      () => refusal(429, { 'Retry-After': '2' }),
      // HTTP dates have whole seconds: three from now is at least two away.
      () => refusal(429, { 'Retry-After': new Date(Date.now() + 3000).toUTCString() }),
      () => refusal(503, { 'Retry-After': '1' }),
      ...Array<() => Fate>(3).fill(() => refusal(500)),
    ]
    edge.fate = ({ before }) => answers[before]?.()
    const tabs = [await visitor.open(), await visitor.open()]
    for (const tab of tabs) await tab.stream(100)
    await world.until(() => edge.exchanges.length >= answers.length, 30_000)
    world.heal()
    await world.sleep(500)
    for (const tab of tabs) await tab.halt()
    await world.settle()
    const gap = (i: number) => (edge.exchanges[i + 1]?.at ?? 0) - (edge.exchanges[i]?.at ?? 0)
    for (const [i, least] of [1900, 1900, 900].entries())
      world.expect(gap(i) >= least, `Retry-After was not obeyed: ${gap(i)} ms.`)
    world.expect(edge.crowd === 1, `${edge.crowd} requests were open at once.`)
  },
  control: { name: 'no backoff', without: { page: 'backoff' } },
}

export const revokedKey: Case = {
  number: 16,
  name: 'the key is revoked (401), later mended',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.track(5)
    await world.settle()
    await world.ask(`select nunchi.revoke_key(jsonb_build_object('hint', right($1::text, 6)))`, [world.key])
    // So long an instance may believe what it knows of a key.
    await world.sleep(2500)
    const before = world.edge.exchanges.length
    await tab.track(10)
    await world.sleep(3000)
    const tries = world.edge.exchanges.slice(before)
    world.expect(tries.length === 1, `A refused key was tried ${tries.length} times in 3 s.`)
    world.expect(tries[0]?.status === 401, `The collector answered ${tries[0]?.status}.`)
    await tab.close()
    world.heal()
    await visitor.open({ key: await world.addKey() })
    await world.settle()
  },
  control: { name: 'no backoff', without: { page: 'backoff' } },
}

export const unreadable: Case = {
  number: 16,
  name: 'one event makes its batch unreadable (400)',
  async run(world) {
    const { edge, ledger } = world
    const visitor = await world.visitor()
    edge.refused = true
    const tab = await visitor.open()
    await tab.track(12)
    const poison = await tab.track(1, { prefix: 'poison' })
    await tab.track(7)
    edge.fate = ({ body }) => (body().includes('poison-0') ? refusal(400, {}, 'batch_malformed') : undefined)
    edge.refused = false
    world.heal()
    await world.settle()
    await tab.track(1)
    await world.settle()
    world.expect(
      [...ledger.dropped.keys()].join() === poison.durable.join(),
      'Not only the bad one was dropped.',
    )
    const [told] = await world.ask(`select events::int from nunchi.sdk_drops where reason = 'rejected'`)
    world.expect(told?.['events'] === 1, 'The drop was not reported.')
    world.expect(edge.exchanges.length < 20, `It took ${edge.exchanges.length} requests.`)
  },
  control: { name: 'takes a verdict for a failure', without: { page: 'verdicts' } },
}

export const tooLarge: Case = {
  number: 17,
  name: 'a proxy takes 8 kB (413); one event is larger',
  async run(world) {
    const { edge, ledger } = world
    const visitor = await world.visitor()
    // What a proxy counts are the bytes that it sees.
    await visitor.before('delete window.CompressionStream')
    edge.fate = ({ size }) => (size > 8000 ? refusal(413, {}, 'body_too_large') : undefined)
    const tab = await visitor.open()
    await tab.track(16, { bytes: 1500 })
    const large = await tab.track(1, { bytes: 9000 })
    await tab.track(8, { bytes: 1500 })
    await world.settle()
    await tab.track(1)
    await world.settle()
    world.expect(
      [...ledger.dropped.keys()].join() === large.durable.join(),
      'Not only the large one was dropped.',
    )
    const [told] = await world.ask(
      `select events::int from nunchi.sdk_drops where reason = 'event_too_large'`,
    )
    world.expect(told?.['events'] === 1, 'The drop was not reported.')
  },
  control: { name: 'takes a verdict for a failure', without: { page: 'verdicts' } },
}

export const foreignAcks: Case = {
  number: 20,
  name: 'acks come twice, late, or for another batch',
  async run(world) {
    const { edge } = world
    const visitor = await world.visitor()
    const tab = await visitor.open()
    const acknowledged = () => edge.exchanges.find(({ status }) => status === 202)?.reply?.body
    const fates: (() => Fate | undefined)[] = [
      () => undefined,
      () => ({ reply: 'twice' }),
      () => ({ reply: 'stale' }),
      () => undefined,
      // This one never arrives anywhere.
      () => ({ answer: { status: 202, body: acknowledged() ?? '' } }),
    ]
    edge.fate = ({ before }) => fates[before]?.()
    for (let round = 0; round < fates.length + 1; round++) {
      await tab.track(5)
      await world.until(() => edge.exchanges.length > round, 8000)
      await world.until(() => edge.open === 0, 2000)
    }
    world.heal()
    await world.settle()
  },
  control: { name: 'forgets before the ack', without: { page: 'ack' } },
}
