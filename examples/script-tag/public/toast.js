/** A short sentence at the foot of the page, which screen readers hear too. */

const shownMs = 3500
let hiding

/** Shows and announces the sentence for a few seconds. */
export function toast(sentence) {
  const node = document.getElementById('toast')
  clearTimeout(hiding)
  node.textContent = sentence
  hiding = setTimeout(() => node.replaceChildren(), shownMs)
}
