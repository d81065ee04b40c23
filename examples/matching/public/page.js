/** The page: who you are, whether you take part, who may fit, and what you say to it. */
import { mutual, suggestion } from './card.js'
import { become, block, consent, decide, enterAs, list, standing } from './club.js'
import { language, nameOf, speak, t, translatePage } from './words.js'

const $ = (selector) => document.querySelector(selector)
const [who, toggle, said, more] = [$('#who'), $('#consent'), $('#said'), $('#more')]
let people = []
let next = null
/** Counts whoever comes in, and each look at the lists: an answer that comes late is for nobody any more. */
let turn = 0

const say = (text) => {
  said.textContent = text
}

function fillWho() {
  const chosen = who.value || people[0].id
  who.replaceChildren(...people.map((one) => new Option(one[language()], one.id, false, one.id === chosen)))
}

function showPeople(found, keep) {
  const cards = found.matches.map((match) => suggestion(match, choose))
  if (keep) $('.cards').append(...cards)
  else $('.cards').replaceChildren(...cards)
  next = found.next
  more.hidden = next === null
  const empty = $('.cards').childElementCount === 0
  $('.nobody').hidden = !empty
  $('.nobody').textContent = empty ? t(found.reason ?? 'nobody') : ''
}

async function refresh() {
  const mine = ++turn
  const [{ consent: given }, found, both] = await Promise.all([
    standing(),
    list('suggestions', language()),
    list('mutual', language()),
  ])
  if (mine !== turn) return
  toggle.setAttribute('aria-checked', String(given))
  showPeople(found)
  $('.mutual').replaceChildren(...both.matches.map(mutual))
  $('#both').hidden = both.matches.length === 0
}

/** What was decided about somebody; the card goes, and the focus to where the next one is. */
async function choose(what, { id, title }) {
  const name = nameOf(title)
  const answer = await tried(() => (what === 'block' ? block(id) : decide(id, what === 'yes')))
  if (!answer) return
  const told = { block: 'saidBlock', no: 'saidNo', yes: answer.mutual ? 'saidBoth' : 'saidHello' }
  say(t(told[what], name))
  const place = [...$('.cards').children].findIndex((card) => card.dataset.id === id)
  await tried(refresh)
  const cards = $('.cards').children
  const card = cards[Math.min(place, cards.length - 1)]
  ;(card?.querySelector('.yes') ?? $('#people')).focus()
}

/** Does it; where it fails, the page says so and stays as it is. */
async function tried(run) {
  try {
    return await run()
  } catch {
    say(t('trouble'))
    return null
  }
}

async function enter() {
  say('')
  // Nothing may be said for the one who was here before.
  toggle.disabled = true
  $('.cards').replaceChildren()
  $('#both').hidden = true
  more.hidden = true
  const mine = ++turn
  const session = await tried(() => become(who.value))
  // Somebody else was chosen meanwhile, as by the arrow keys.
  if (mine !== turn) return
  if (session) {
    enterAs(session)
    await tried(refresh)
  }
  toggle.disabled = false
}

who.addEventListener('change', enter)
toggle.addEventListener('click', async () => {
  const given = toggle.getAttribute('aria-checked') !== 'true'
  if (!(await tried(() => consent(given)))) return
  say(t(given ? 'on' : 'off'))
  await tried(refresh)
})
more.addEventListener('click', async () => {
  const place = $('.cards').childElementCount
  const mine = turn
  const found = await tried(() => list('suggestions', language(), next))
  if (!found || mine !== turn) return
  showPeople(found, true)
  $('.cards').children[place]?.querySelector('.yes').focus()
})
for (const button of document.querySelectorAll('[data-language]'))
  button.addEventListener('click', async () => {
    speak(button.dataset.language)
    translatePage()
    fillWho()
    say('')
    await tried(refresh)
  })

translatePage()
people = await (await fetch('/club/people')).json()
fillWho()
await enter()
