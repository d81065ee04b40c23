/** The checkout's form: three fields, checked when it is sent, each error beside its field. */
import { el } from './dom.js'
import { t } from './language.js'

const fields = [
  { id: 'name', tag: 'input', type: 'text', autocomplete: 'name', error: 'checkout.errorName' },
  { id: 'email', tag: 'input', type: 'email', autocomplete: 'email', error: 'checkout.errorEmail' },
  { id: 'address', tag: 'textarea', rows: 2, autocomplete: 'street-address', error: 'checkout.errorAddress' },
]

/** Makes the form; `onValid` is called when every field holds what it should. */
export function checkoutForm(submitLabel, onValid) {
  const parts = fields.map(fieldPart)
  const summary = el('p', { class: 'error', role: 'status' })
  const submit = (event) => {
    event.preventDefault()
    const wrong = parts.filter(({ check }) => !check())
    summary.textContent = wrong.length ? t('checkout.errors', wrong.length) : ''
    if (wrong.length) wrong[0].control.focus()
    else onValid()
  }
  return el(
    'form',
    { novalidate: true, onsubmit: submit },
    parts.map((part) => part.node),
    summary,
    el('button', { class: 'solid', type: 'submit' }, submitLabel),
  )
}

function fieldPart({ id, tag, error, ...attributes }) {
  const control = el(tag, { id, name: id, required: true, 'aria-describedby': `${id}-error`, ...attributes })
  const message = el('p', { class: 'error', id: `${id}-error`, hidden: true }, t(error))
  const node = el('div', { class: 'field' }, el('label', { for: id }, t(`checkout.${id}`)), control, message)
  const check = () => {
    const right = control.validity.valid && control.value.trim() !== ''
    control.setAttribute('aria-invalid', String(!right))
    message.hidden = right
    return right
  }
  control.addEventListener('input', () => control.getAttribute('aria-invalid') === 'true' && check())
  return { node, control, check }
}
