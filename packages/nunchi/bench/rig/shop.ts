/** A shop to be visited: lists, buttons that draw, a search that filters, and links; enough work of its own to be real. */

const script = `
const goods = Array.from({ length: 32 }, (_, i) => 'Lamp ' + i)
const list = document.querySelector('#goods')
const cart = document.querySelector('#cart')
const draw = (names) => {
  list.replaceChildren(...names.map((name, i) => {
    const item = document.createElement('li')
    item.innerHTML = '<article class="card"><h2></h2><p>Made by hand, of paper and oak.</p><button class="add" data-nunchi="add">Add</button> <a href="#' + i + '">Look</a></article>'
    item.querySelector('h2').textContent = name
    return item
  }))
}
draw(goods)
let count = 0
document.addEventListener('click', (event) => {
  if (!event.target.closest('.add')) return
  count++
  const line = document.createElement('li')
  line.textContent = event.target.closest('article').querySelector('h2').textContent
  cart.append(line)
  document.querySelector('#count').textContent = count
})
document.querySelector('#search').addEventListener('input', ({ target }) => {
  for (const item of list.children) item.hidden = !item.textContent.includes(target.value)
})`

/** The page; `head` loads the SDK. */
export function shopPage(head: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<style>body{font:16px sans-serif;margin:0}ul{list-style:none;padding:0}#goods{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}.card{border:1px solid #ccc;padding:8px}header{position:sticky;top:0;background:#fff}</style>${head}</head>
<body><header><h1>Shop</h1><input id="search" placeholder="Search"> <button id="open">Cart <b id="count">0</b></button></header>
<main><ul id="goods"></ul></main><ul id="cart"></ul><script>${script}</script></body></html>`
}
