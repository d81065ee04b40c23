/** Folds the panel to a bar at the foot of the page and opens it again; wide screens begin with it open. */

import { setText } from './dom.js'
import { keep, kept } from './kept.js'
import { onLanguage, t } from './language.js'

const foldKey = 'shop.panel'

/** Wires the button; the visitor's choice is kept for this tab. */
export function setUpFolding() {
  const panel = document.getElementById('panel')
  const button = document.getElementById('panel-toggle')
  const wide = matchMedia('(min-width: 64rem)')
  const show = () => {
    const open = kept(foldKey, { visit: true }) ?? wide.matches
    button.setAttribute('aria-expanded', String(open))
    document.documentElement.classList.toggle('panel-open', open)
    setText(document.getElementById('panel-toggle-name'), t(open ? 'panel.close' : 'panel.open'))
  }
  const choose = (open) => {
    keep(foldKey, open, { visit: true })
    show()
  }
  button.addEventListener('click', () => choose(button.getAttribute('aria-expanded') === 'false'))
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || wide.matches) return
    choose(false)
    button.focus()
  })
  wide.addEventListener('change', show)
  onLanguage(show)
  show()
}
