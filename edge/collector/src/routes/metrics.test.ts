import { expect, it } from 'vitest'
import { problemOf, rig, someBatch, someEvent } from '../../test/rig.ts'
import { everything } from '../everything.ts'

it('counts what became of requests, events and drops', async () => {
  const { post, get } = await rig()
  const event = someEvent()
  await post(someBatch([event, event, someEvent({ name: '' })], { dropped: { store_full: 7 } }))
  await post('{')
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await response.text()
  for (const line of [
    'nunchi_requests_total{status="202"} 1',
    'nunchi_requests_total{status="400"} 1',
    'nunchi_requests_in_flight 1',
    'nunchi_body_bytes_in_flight 0',
    'nunchi_events_total{outcome="accepted"} 1',
    'nunchi_events_total{outcome="duplicate"} 1',
    'nunchi_events_total{outcome="rejected"} 1',
    'nunchi_events_rejected_total{code="event_name_invalid"} 1',
    'nunchi_sdk_dropped_total{reason="store_full"} 7',
    'nunchi_commit_batches_count 1',
    'nunchi_ingest_seconds_count 1',
  ])
    expect(text).toContain(`${line}\n`)
})

it('security 39: asks for its token where it was given one', async () => {
  const token = 'a'.repeat(32)
  const { get } = await rig({ use: everything({ metrics: { token } }) })
  expect((await problemOf(await get('/metrics'))).status).toBe(401)
  expect((await get('/metrics', { authorization: `Bearer ${token}b` })).status).toBe(401)
  expect((await get('/metrics', { authorization: `Bearer ${token}` })).status).toBe(200)
})
