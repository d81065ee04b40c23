/** A device on which a newer version of nunchi was before. */
import type { Case } from '../case.ts'

/** Leaves the database as a newer version might: another number, richer records, and some that we cannot read. */
async function newerWasHere(unknown: number): Promise<void> {
  const done = <Result>(request: IDBRequest<Result>) =>
    new Promise<Result>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const opening = indexedDB.open('nunchi', 9)
  opening.onupgradeneeded = () => opening.result.createObjectStore('attempts')
  const database = await done(opening)
  const transaction = database.transaction('events', 'readwrite')
  const events = transaction.objectStore('events')
  for (const id of await done(events.getAllKeys()))
    events.put({ ...(await done(events.get(id))), addedLater: { attempts: 3 } }, id)
  for (let i = 0; i < unknown; i++)
    events.put({ v: 2, packed: new Uint8Array(100) }, `00000000-0000-7000-8000-00000000000${i}`)
  await new Promise((resolve) => {
    transaction.oncomplete = resolve
  })
  database.close()
  localStorage.setItem('nunchi.tail.newer', '{"v":2}')
}

/** What is left of that: the database's number, its records, and the tail. */
async function left(): Promise<string> {
  const opening = indexedDB.open('nunchi')
  await new Promise((resolve) => {
    opening.onsuccess = resolve
  })
  const { result: database } = opening
  const counting = database.transaction('events').objectStore('events').count()
  await new Promise((resolve) => {
    counting.onsuccess = resolve
  })
  const { version } = database
  database.close()
  return [version, counting.result, localStorage.getItem('nunchi.tail.newer')].join()
}

export const otherVersion: Case = {
  number: 21,
  name: 'a downgrade: the queue is full of a newer version’s records',
  async run(world) {
    const visitor = await world.visitor()
    world.edge.refused = true
    const tab = await visitor.open()
    await tab.track(50)
    await tab.crash()
    const page = await visitor.context.newPage()
    await page.goto(`${world.site.url}/elsewhere`)
    await page.evaluate(newerWasHere, 5)
    world.edge.refused = false
    world.heal()
    const older = await visitor.open()
    await older.track(10)
    await world.settle()
    await older.page.evaluate(() => window.faults.client.flush())
    const rest = await page.evaluate(left)
    world.expect(rest === '9,5,{"v":2}', `Of the newer version, this is left: ${rest}.`)
  },
  control: { name: 'deletes what it cannot read', without: { page: 'unknown' } },
}
