/** Recommendations: on the device at once, ranked anew by what the visitor does, told apart by what was seen and clicked. */
import type { Event, JsonObject } from '@nunchi/protocol'
import type { Plugin, PluginContext } from '../plugin.ts'
import { isAnswer } from '../recommendations/answer.ts'
import type { RecommendationsApi } from '../recommendations/api.ts'
import { asker } from '../recommendations/asker.ts'
import { createHistory } from '../recommendations/history.ts'
import { openImpressions } from '../recommendations/impressions.ts'
import { createInteractions } from '../recommendations/interactions.ts'
import { openKeptAnswers } from '../recommendations/kept-answers.ts'
import type { RecommendationsOptions } from '../recommendations/options.ts'
import { preferences } from '../recommendations/preferences.ts'
import { type Asked, asked, countOf } from '../recommendations/query.ts'
import { createSafely, nothing } from '../recommendations/safely.ts'
import { plant } from '../recommendations/seeded.ts'
import { createShelves, type Without } from '../recommendations/shelves.ts'
import { createSource } from '../recommendations/source.ts'
import { leave, takeUp } from '../recommendations/tail.ts'
import { createTelling } from '../recommendations/telling.ts'
import { openVisitor } from '../recommendations/visitor.ts'
import { notKept } from '../recorder.ts'

// biome-ignore format: one line a file
export type { RecommendationContext, RecommendationsApi, RecommendationsQuery, Shelf } from '../recommendations/api.ts'
export type { InteractionKind, RecommendationsOptions } from '../recommendations/options.ts'
export { reasonText } from '../recommendations/reason-text.ts'

/** The collector has an event before its lists know of it, by so many ms. */
const lag = 3_000

/** The most questions of one page that are followed. */
const most = 20

/** Says on an event what was recommended, and what the visitor turns to. */
function addContext(event: Event, said: JsonObject): void {
  if (Object.keys(said).length) event.personalizationContext = { ...event.personalizationContext, ...said }
}

function setup(context: PluginContext, options: RecommendationsOptions): RecommendationsApi {
  const { name, local, report, on, gate, now, url } = context
  const pool = countOf(options.pool, 50)
  const history = createHistory(now)
  const shelves = createShelves(history, options.rerank !== false)
  const kept = openKeptAnswers(name)
  const impressions = openImpressions(context, shelves)
  const interactionsOf = createInteractions(options.interactions)
  const visitor = openVisitor(context)
  const { tell, onChange, heard } = createTelling(report)
  /** Questions of this page: asked again where somebody listens, and their lists are old, or another visitor's. */
  const open = new Map<string, Asked>()
  const asks = options.ask !== false && typeof document !== 'undefined'
  const may = () => asks && /open|memory/.test(gate())
  const failed = new Set<string>()
  /** Which tags are liked, and by which history that was worked out. */
  let liked: JsonObject = {}
  let likedBy: readonly unknown[] | undefined
  /** How often all was to be kept, and which of these times is on the disk. */
  let [saves, saved] = [0, 0]

  const save = () => {
    if (!asks || gate() !== 'open') return
    const mine = ++saves
    ready = ready.then(() => {
      if (gate() !== 'open') return
      const now = { ...visitor.current(), answers: shelves.all(), history: [...history.all] }
      kept.write(now, () => {
        saved = mine
      })
    })
  }
  const forget = () => {
    history.clear()
    shelves.clear()
    source.forget()
    impressions.forget()
    local.set('acted')
    failed.clear()
    kept.clear()
    tell()
    ready = ready.then(refresh)
  }
  const refresh = () => {
    if (heard() && may())
      for (const question of open.values()) if (!shelves.has(question).fresh) source.ask(question)
  }
  /** Looks whether the visitor is still the same one. */
  const look = () => {
    if (!may()) return
    const who = visitor.look()
    if (who === 'other') forget()
    if (who === 'named' && options.token) {
      shelves.age(0, true)
      ready = ready.then(refresh)
    }
  }
  const load = async () => {
    if (!asks || gate() !== 'open') return
    const found = await kept.read()
    if (gate() !== 'open') return
    const left = takeUp(local, visitor.owns)
    history.take(left)
    shelves.touch()
    if (found && visitor.owns(found)) {
      history.take(found.history)
      shelves.restore(found.answers)
    } else if (found) kept.clear()
    if (left.length) Promise.resolve().then(save)
    tell()
  }
  const source = createSource({
    url: url('/v1/recommendations'),
    may,
    who: () => asker(context, options.token),
    pool,
    now,
    take(answer, questions, at) {
      look()
      shelves.take(answer, questions, at, Math.max(pool, questions[0]?.limit ?? 0))
      for (const { key } of questions) failed.delete(key)
      save()
      tell()
    },
    failed(questions, refused) {
      if (refused) report('recommendations_refused', refused)
      for (const { key } of questions) failed.add(key)
      tell()
    },
    again: refresh,
  })
  const read = (question: Asked) => {
    const without: Without = failed.has(question.key) || options.ask === false ? 'error' : 'loading'
    return shelves.read(question, asks && !may() ? 'no_consent' : without)
  }
  const seed: RecommendationsApi['seed'] = (answer, query) => {
    if (answer && !isAnswer(answer)) report('option_invalid', 'recommendations({ bootstrap })')
    plant(shelves, answer, now(), query)
    tell()
  }

  on('event', (event) => {
    look()
    const done = interactionsOf(event)
    if (done.length && gate() !== 'closed') {
      history.add(done)
      shelves.touch()
      save()
      tell()
    }
    if (likedBy !== history.all) liked = preferences(history.all, (id) => shelves.item(id)?.tags)
    likedBy = history.all
    addContext(event, {
      ...impressions.context(),
      ...(Object.keys(liked).length && { preferences: liked }),
    })
  })
  on('stage', (stage, detail) => {
    if (stage !== 'acked' || !history.ack((detail as { ids: string[] }).ids, now())) return
    shelves.age(now() + lag)
    save()
  })
  on('reset', forget)
  on('gate', (state) => {
    if (state === 'closed') forget()
    else if (state === 'memory') kept.clear()
    else ready = ready.then(load)
    save()
    ready = ready.then(refresh)
    tell()
  })
  on('leave', () => {
    source.stop()
    // Whoever clicks a link is gone before a database has written anything.
    if (gate() === 'open' && saved < saves) leave(local, visitor.current(), history.all)
  })
  on('close', source.stop)
  on('show', () => {
    look()
    // Another tab's visitor did something meanwhile.
    source.back()
    ready = ready.then(load).then(refresh)
  })
  const safely = createSafely(report)
  safely(seed, undefined)(options.bootstrap)
  let ready: Promise<unknown> = load()

  return {
    async get(query) {
      try {
        const question = asked(query)
        open.delete(question.key)
        open.set(question.key, question)
        if (open.size > most) open.delete([...open.keys()][0]!)
        await ready
        look()
        if (!may()) return read(question)
        const { there, fresh } = shelves.has(question)
        if (!fresh) {
          const answered = source.ask(question)
          // Something to show is shown; an answer to this very question is waited for, an older one of its kind not.
          if (!there) await answered
        }
        return read(question)
      } catch (error) {
        report('input_invalid', error)
        return nothing
      }
    },
    read: safely((query) => {
      look()
      return read(asked(query))
    }, nothing),
    onChange,
    observe: safely(impressions.observe, () => {}),
    click: safely(impressions.click, Promise.resolve(notKept)),
    seed: safely(seed, undefined),
  }
}

/**
 * Makes the plugin. Lists are answered from the device at once, also offline, and refreshed behind; what the visitor does
 * changes their order on the page, without asking anybody. Nothing is asked or kept without consent.
 */
export function recommendations(
  options: RecommendationsOptions = {},
): Plugin<'recommendations', RecommendationsApi> {
  return { name: 'recommendations', setup: (context) => setup(context, options) }
}
