import { afterEach, describe, expect, it } from 'vitest'
import { recommendations } from '../plugins/recommendations.ts'
import { someAnswer } from '../test/some-recommendations.ts'
import { waitFor } from '../test/wait-for.ts'
import { createTestClient } from '../testing.ts'

const open = () => createTestClient({ use: [recommendations({ bootstrap: someAnswer(), ask: false })] })

afterEach(() => {
  document.body.innerHTML = ''
})

describe('an impression', () => {
  const card = (style = '') => {
    const element = document.body.appendChild(document.createElement('div'))
    element.style.cssText = `height:100px;width:100px;${style}`
    return element
  }
  const viewed = ({ events }: { events: { name: string; properties?: object }[] }) =>
    events.filter((event) => event.name === 'Recommendation Viewed').map(({ properties }) => properties)

  it('is told after a second in sight, once a visit, with those that were seen beside it', async () => {
    const client = open()
    const { observe } = client.recommendations
    const first = card()
    observe(first, 'rec-1', 'light-0', 0)
    observe(card(), 'rec-1', 'table-0', 1)
    observe(card('margin-top:5000px'), 'rec-1', 'below', 2)
    observe(card('position:fixed;top:-80px'), 'rec-1', 'a fifth', 3)
    const gone = observe(card('position:fixed;top:0'), 'rec-1', 'stopped', 4)
    await new Promise((resolve) => setTimeout(resolve, 700))
    gone()
    expect(viewed(client)).toEqual([])
    await waitFor(() => expect(viewed(client)).toHaveLength(1))
    expect(viewed(client)[0]).toEqual({
      recommendationId: 'rec-1',
      list: 'user',
      type: 'products',
      items: ['light-0', 'table-0'],
      positions: [0, 1],
    })
    observe(first, 'rec-1', 'light-0', 0)
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    expect(viewed(client)).toHaveLength(1)
    client.track('Anything')
    expect(client.events.at(-1)!.personalizationContext).toEqual({ shown: ['light-0', 'table-0'] })
  })
})
