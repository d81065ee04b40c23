/** A sentence in the two languages of the product, and how numbers read in it. */

/** One sentence in both languages. */
export interface Said {
  en: string
  ko: string
}

/** Says it in both. */
export const said = (en: string, ko: string): Said => ({ en, ko })

/** A share with its sign: +4.0 %. */
export const signed = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`

/** A share: 2.0 %. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A p as people read it; never 0. */
export const pText = (p: number): string => (p < 1e-4 ? p.toExponential(1) : p.toFixed(4))

/** Sentences one after another. */
export const sentences = (parts: readonly Said[]): Said =>
  said(parts.map(({ en }) => en).join(' '), parts.map(({ ko }) => ko).join(' '))
