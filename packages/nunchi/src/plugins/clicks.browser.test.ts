import { afterEach, describe, expect, it } from 'vitest'
import { createTestClient } from '../testing.ts'
import { type ClicksOptions, clicks } from './clicks.ts'

let close = () => {}
afterEach(() => {
  close()
  document.body.innerHTML = ''
})

/** A page with the plugin; what is clicked leads nowhere. */
function open(html: string, options?: ClicksOptions) {
  const client = createTestClient({ use: [clicks(options)] })
  document.body.innerHTML = html
  const stay = (event: Event) => {
    const isLink = event.composedPath().some((node) => (node as Element).localName === 'a')
    if (isLink || event.type === 'submit') event.preventDefault()
  }
  document.body.addEventListener('click', stay)
  document.body.addEventListener('submit', stay)
  close = () => {
    client.close()
    document.body.removeEventListener('click', stay)
    document.body.removeEventListener('submit', stay)
  }
  return client
}

function press(target: string | Element, type = 'click', init: MouseEventInit = {}) {
  const element = typeof target === 'string' ? document.querySelector(target)! : target
  element.dispatchEvent(new MouseEvent(type, { bubbles: true, composed: true, cancelable: true, ...init }))
}

const told = (client: ReturnType<typeof open>) =>
  client.events.map(({ name, properties }) => [name, properties])

describe('what the markup declares', () => {
  it('becomes an event with the properties beside it, wherever inside it the click was', () => {
    const client = open(
      '<button data-nunchi-event="Product Added" data-nunchi-prop-sku="lamp" data-nunchi-prop-item-size="XL"><b>Add</b></button>',
    )
    press('b')
    expect(told(client)).toEqual([['Product Added', { sku: 'lamp', itemSize: 'XL' }]])
  })

  it('is the innermost declaration, once, also where clicks are recorded by themselves', () => {
    const client = open(
      '<div data-nunchi-event="Card Opened"><a href="https://other.example/" data-nunchi-event="More Wanted">x</a></div>',
      { automatic: true },
    )
    press('a')
    expect(told(client)).toEqual([['More Wanted', {}]])
  })

  it('is nothing where it says nothing, or is to be ignored', () => {
    const client = open(
      '<p><button>plain</button></p><div data-nunchi-ignore><i data-nunchi-event="Ignored">x</i></div>',
    )
    press('button')
    press('i')
    expect(told(client)).toEqual([])
  })

  it('is heard although the page stops the event, and inside of open shadow roots', () => {
    const client = open('<div><b data-nunchi-event="Stopped">x</b></div><section></section>')
    document
      .querySelector('div')!
      .addEventListener('click', (event) => event.stopImmediatePropagation(), true)
    press('b')
    const root = document.querySelector('section')!.attachShadow({ mode: 'open' })
    root.innerHTML = '<button data-nunchi-event="In The Shadow"><i>x</i></button>'
    press(root.querySelector('i')!)
    expect(told(client)).toEqual([
      ['Stopped', {}],
      ['In The Shadow', {}],
    ])
  })

  it('is heard of the middle button and the keyboard, not of the right button', () => {
    const client = open('<a href="/x" data-nunchi-event="Link Used">x</a>')
    press('a', 'auxclick', { button: 1 })
    press('a', 'auxclick', { button: 2 })
    // What a browser makes of the enter key.
    document.querySelector('a')!.click()
    expect(told(client).map(([name]) => name)).toEqual(['Link Used', 'Link Used'])
  })

  it('of a form is when it is sent, not each click in it; what was typed stays there', () => {
    const client = open(
      '<form data-nunchi-event="Newsletter Joined" data-nunchi-prop-place="foot"><input name="email" value="kim@private.example"><button>Join</button></form>',
    )
    press('input')
    expect(told(client)).toEqual([])
    press('button')
    expect(told(client)).toEqual([['Newsletter Joined', { place: 'foot' }]])
  })

  it('does not throw into the page where a form’s fields hide what we ask of it', () => {
    const client = open(
      '<form data-nunchi-event="Sent"><input name="hasAttribute"><input name="dataset"><button>x</button></form>',
      { automatic: true },
    )
    press('button')
    expect(client.problems.map(([code]) => code)).toContain('plugin_failed')
  })

  it('is over when the client is closed', () => {
    const client = open('<b data-nunchi-event="Late">x</b>')
    client.close()
    press('b')
    expect(told(client)).toEqual([])
  })
})

describe('automatic clicks', () => {
  it.for([
    ['<button id="buy-now" data-nunchi="buy">Buy</button>', { element: 'button#buy', id: 'buy-now' }],
    ['<button id="order-48213">Buy</button>', { element: 'button' }],
    ['<div role="button"><i>x</i></div>', { element: 'div[button]' }],
    ['<a href="/lamps?q=secret#top">Lamps</a>', { element: 'a', url: `${location.origin}/lamps` }],
    ['<a href="mailto:kim@private.example">Mail</a>', { element: 'a', scheme: 'mailto' }],
    ['<input type="submit" value="Send to Kim">', { element: 'input' }],
    ['<details><summary>More</summary></details>', { element: 'summary' }],
  ] as const)('record what is used: %s', ([html, properties]) => {
    const client = open(html, { automatic: true })
    press('i, button, a, input, summary')
    expect(told(client)).toEqual([['Element Clicked', properties]])
  })

  it.for([
    '<input type="text" value="typed">',
    '<input type="password" value="hunter2">',
    '<input type="checkbox">',
    '<textarea>written</textarea>',
    '<select><option>chosen</option></select>',
    '<div contenteditable><a href="https://other.example/">written</a></div>',
    '<label>Name</label>',
    '<p>read</p>',
  ])('say nothing of fields and text: %s', (html) => {
    const client = open(html, { automatic: true, text: true })
    press('a, input, textarea, select, label, p')
    expect(told(client)).toEqual([])
  })

  it('tell outbound links without their query', () => {
    const client = open('<a href="https://kim:pw@other.example/way/out?token=secret#here"><img></a>', {
      automatic: true,
    })
    press('img')
    expect(told(client)).toEqual([
      [
        'Outbound Link Clicked',
        { element: 'a', url: 'https://other.example/way/out', host: 'other.example' },
      ],
    ])
  })

  it.for([
    [
      '<a href="/files/Price%20List.PDF?key=1">x</a>',
      { url: `${location.origin}/files/Price%20List.PDF`, extension: 'pdf' },
    ],
    ['<a href="https://cdn.example/a.zip">x</a>', { url: 'https://cdn.example/a.zip', extension: 'zip' }],
    [
      '<a href="/export" download="orders of kim.csv">x</a>',
      { url: `${location.origin}/export`, extension: 'csv' },
    ],
    ['<a href="/export" download>x</a>', { url: `${location.origin}/export` }],
    ['<a href="blob:http://localhost/1f" download="x.png">x</a>', { scheme: 'blob', extension: 'png' }],
  ] as const)('tell downloads: %s', ([html, properties]) => {
    const client = open(html, { automatic: true })
    press('a')
    expect(told(client)).toEqual([['File Downloaded', { element: 'a', ...properties }]])
  })

  it('take the site’s own extensions', () => {
    const client = open('<a href="/a.pdf">x</a><a href="/b.glb">x</a>', {
      automatic: true,
      extensions: ['glb'],
    })
    for (const link of document.querySelectorAll('a')) press(link)
    expect(client.events.map(({ name }) => name)).toEqual(['Element Clicked', 'File Downloaded'])
  })

  it('are told although the extensions are no list', () => {
    const client = open('<a href="/a.pdf">x</a>', { automatic: true, extensions: 'pdf' as never })
    press('a')
    expect(client.events.map(({ name }) => name)).toEqual(['Element Clicked'])
    expect(client.problems).toEqual([['option_invalid', 'clicks.extensions']])
  })

  it('are limited to the kinds that the site names', () => {
    const client = open('<a href="https://other.example/">x</a><a href="/a.pdf">x</a><button>x</button>', {
      automatic: ['outbound', 'downloads'],
    })
    for (const element of document.querySelectorAll('a, button')) press(element)
    expect(client.events.map(({ name }) => name)).toEqual(['Outbound Link Clicked', 'File Downloaded'])
  })

  it('tell text only where asked, capped, and never of what holds a field', () => {
    const client = open(
      `<button>  Add\n to   cart </button><button>${'가'.repeat(200)}</button><button aria-label="Close">×</button><a href="/x"><input value="typed"><i>typed</i></a>`,
      { automatic: true, text: true },
    )
    for (const element of document.querySelectorAll('button, i')) press(element)
    expect(client.events.map(({ properties }) => properties!['text'])).toEqual([
      'Add to cart',
      '가'.repeat(80),
      'Close',
      undefined,
    ])
  })

  it('mind no address that cannot be read, nor links of drawings', () => {
    const client = open(
      '<a href="http://">x</a><svg><a href="https://other.example/"><text>x</text></a></svg>',
      {
        automatic: true,
      },
    )
    press('a')
    press('text')
    expect(client.events.map(({ name }) => name)).toEqual(['Element Clicked', 'Outbound Link Clicked'])
    expect(client.problems).toEqual([])
  })
})
