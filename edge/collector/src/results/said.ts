/** A sentence in the two languages of the product, and how numbers read in it. */

/** One sentence in both languages. */
export interface Said {
  en: string
  ko: string
}

/** The particle that fits the syllable before it; both, as people write them, after what is no Korean word. */
function fitting(ko: string): string {
  const particles: { [both: string]: [string, string] } = { '이(가)': ['이', '가'], '을(를)': ['을', '를'] }
  return ko.replace(
    /([가-힣])(["”]?)(이\(가\)|을\(를\))/g,
    (_, last: string, quote: string, both: string) => {
      // Every 28th syllable ends in a vowel.
      const open = (last.charCodeAt(0) - 0xac00) % 28 === 0
      return last + quote + particles[both]![open ? 1 : 0]
    },
  )
}

/** Says it in both. */
export const said = (en: string, ko: string): Said => ({ en, ko: fitting(ko) })

/** A share with its sign: +4.0 %. */
export const signed = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`

/** A share: 2.0 %. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A p as people read it; never 0. */
export const pText = (p: number): string => (p < 1e-4 ? p.toExponential(1) : p.toFixed(4))

/** Sentences one after another. */
export const sentences = (parts: readonly Said[]): Said =>
  said(parts.map(({ en }) => en).join(' '), parts.map(({ ko }) => ko).join(' '))
