/** Why an item stands in a list, as a sentence for the visitor, in English or Korean. */
import type { RecommendationReason } from '@nunchi/protocol'

const sentences = {
  en: {
    because: 'Because you looked at {0}',
    alike: 'Like {0}',
    people: 'People like you chose it',
    popular: 'Popular right now',
    new: 'New here',
    pinned: 'Picked for you',
  },
  ko: {
    because: '보신 것과 함께 많이 찾는 물건: {0}',
    alike: '보신 것과 닮은 물건: {0}',
    people: '취향이 비슷한 분들이 골랐습니다',
    popular: '요즘 많이 찾습니다',
    new: '새로 들어왔습니다',
    pinned: '골라 두었습니다',
  },
}

/**
 * The sentence of a reason.
 *
 * @param language a language tag; what does not begin with `ko` is English
 */
export function reasonText(reason: RecommendationReason, language = 'en'): string {
  const own = sentences[/^ko\b/i.test(language) ? 'ko' : 'en']
  const { code, because } = reason
  // Of an item without a name nothing can be said.
  if (/^(because|alike)$/.test(code) && !because?.title) return own.people
  return (own[code] ?? '').replace('{0}', () => because?.title ?? '')
}
