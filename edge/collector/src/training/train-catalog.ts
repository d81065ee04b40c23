/** Trains one catalog: all neighbors by behaviour anew, and EASE where the catalog is small. */
import { type Ease, easeInSlices, evened, itemKnn, type Neighbor, speaksFor } from '@nunchi/recs'
import type { Storage } from '../storage/storage.ts'
import { type Ground, type Place, readInteractions, type Weighing } from './read-interactions.ts'

/** A catalog as `nunchi.training_catalogs` answers it. */
export interface Catalog extends Place {
  items: number
  interactions: number
  settings: Weighing & { shrinkage: number }
  models: { [source: string]: { generation: number; trainedAt: number } | undefined }
}

/** How far a training is. */
export interface TrainingProgress extends Place {
  step: 'read' | 'neighbors' | 'ease' | 'finish'
  done: number
  of: number
}

/** Up to so many items EASE is fitted. */
const easeItems = 2000
/** Fewer visitors than this say nothing that EASE could learn and neighbors could not. */
const easeVisitors = 20
/** How many items are written in one call. */
const batch = 100

/** An item's row for `nunchi.write_neighbors`. */
interface NeighborRow {
  item: string
  neighbors: [id: string, similarity: number, support: number][]
  norm?: number
  actors?: number
}

/** How much each of a visitor's so many items weighs; in the same steps as in the incremental neighbors. */
const activity = (items: number): number =>
  items > 1 ? 1 / (4 + [8, 16, 32, 64].filter((length) => length <= items).length) : 0

const rowOf = (
  ids: readonly string[],
  item: number,
  neighbors: readonly Neighbor[],
  scale = 1,
): NeighborRow => ({
  item: ids[item]!,
  neighbors: neighbors
    .slice(0, 200)
    .map(({ item: other, similarity, support = 0 }) => [
      ids[other]!,
      Math.min(1, similarity * scale),
      support,
    ]),
})

/** Writes rows in batches, and says how many items were written. */
async function* write(
  storage: Storage,
  given: Place & { source: string; generation: number },
  items: number,
  row: (item: number) => NeighborRow,
): AsyncGenerator<number, void> {
  for (let from = 0; from < items; from += batch) {
    const rows = Array.from({ length: Math.min(batch, items - from) }, (_, i) => row(from + i))
    await storage.call('write_neighbors', { ...given, rows })
    yield Math.min(items, from + batch)
  }
}

async function finish(storage: Storage, given: object): Promise<void> {
  while ((await storage.call<{ more: boolean }>('finish_training', given)).more);
}

/** What the strongest weight of an item comes to in the middle, so that EASE and contents can be added. */
function easeScale(model: Ease, items: number): number {
  let [sum, known] = [0, 0]
  for (let item = 0; item < items; item++) {
    const [first] = model.of(item)
    if (first) [sum, known] = [sum + first.similarity, known + 1]
  }
  return sum > 0 ? (0.5 * known) / sum : 1
}

async function* trainNeighbors(
  storage: Storage,
  catalog: Catalog,
  { matrix, crowds, cut }: Ground,
  generation: number,
): AsyncGenerator<TrainingProgress, void> {
  const { projectId, environment, settings } = catalog
  const given = { projectId, environment, source: 'cf', generation }
  const model = itemKnn(matrix, {
    damping: activity,
    shrinkage: 0,
    confidence: settings.shrinkage,
    maxHistory: 100,
    crowds,
    trim: true,
    leastSupport: crowds.most,
  })
  const { starts } = matrix.byItem
  const rows = write(storage, given, matrix.items.length, (item) => ({
    ...rowOf(matrix.items, item, model.of(item)),
    norm: model.norm(item),
    actors: starts[item + 1]! - starts[item]!,
  }))
  for await (const done of rows)
    yield { projectId, environment, step: 'neighbors', done, of: matrix.items.length }
  // What was cut off has neighbors of its own, from before.
  if (!cut)
    await finish(storage, { ...given, detail: { items: matrix.items.length, actors: matrix.users.length } })
}

async function* trainEase(
  storage: Storage,
  { projectId, environment }: Place,
  { matrix, crowds }: Ground,
  generation: number,
): AsyncGenerator<TrainingProgress, void> {
  const given = { projectId, environment, source: 'ease', generation }
  const items = matrix.items.length
  const slices = easeInSlices(evened(matrix, crowds), { neighbors: 100 })
  let slice = slices.next()
  for (; !slice.done; slice = slices.next())
    yield { projectId, environment, step: 'ease', done: slice.value, of: 2 }
  const model = slice.value
  const scale = easeScale(model, items)
  // A list is cut by what it recommends, and written by what is known: see speaksFor().
  const speaks = speaksFor(model, items)
  const sorted = (item: number) => [...speaks(item)].sort((a, b) => b.similarity - a.similarity)
  for await (const done of write(storage, given, items, (item) =>
    rowOf(matrix.items, item, sorted(item), scale),
  ))
    yield { projectId, environment, step: 'ease', done: 1 + done / items, of: 2 }
  await finish(storage, { ...given, detail: { items, actors: matrix.users.length } })
}

/**
 * Trains a catalog, yielding after every page, batch and slice: whoever drives it may stop between any two and go on
 * later. Until a training has ended the lists come from the one before, and what changes meanwhile is kept.
 *
 * @param now what ages are counted to, and the generation's name, in ms
 */
export async function* trainCatalog(
  storage: Storage,
  catalog: Catalog,
  now: number,
): AsyncGenerator<TrainingProgress, void> {
  const { projectId, environment } = catalog
  const place = { projectId, environment }
  const reading = readInteractions(storage, place, catalog.settings, now)
  let page = await reading.next()
  for (; !page.done; page = await reading.next())
    yield { ...place, step: 'read', done: page.value, of: Math.max(page.value, catalog.interactions) }
  const ground = page.value
  yield* trainNeighbors(storage, catalog, ground, now)
  const { users, items } = ground.matrix
  if (items.length <= easeItems && users.length >= easeVisitors && !ground.cut)
    yield* trainEase(storage, place, ground, now)
  else if (catalog.models['ease']) await finish(storage, { ...place, source: 'ease', generation: null })
  yield { ...place, step: 'finish', done: 1, of: 1 }
}
