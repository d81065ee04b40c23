/** The operations on the settings of recommendations: one object for each environment. */
import type { Json } from '@nunchi/protocol'
import { type RecommendationSettings, settingsMistakes } from '../recommend/settings.ts'
import type { Operation } from './operation.ts'
import { invalid } from './publisher.ts'
import { objectOf } from './read-body.ts'
import { unstorable } from './unstorable.ts'

const path = '/recommendations'

/** All of them. */
export const recommendationOperations: Operation[] = [
  {
    id: 'getRecommendationSettings',
    method: 'GET',
    path,
    summary: 'What the environment says of its recommendations, and what is in force with the defaults.',
    scope: 'config:read',
    answer: 'StoredRecommendationSettings',
    run: ({ recommendations }) => recommendations.read(),
  },
  {
    id: 'putRecommendationSettings',
    method: 'PUT',
    path,
    summary: 'Replaces the settings of recommendations; what is left away is as by default.',
    scope: 'config:write',
    unnumbered: true,
    body: 'RecommendationSettings',
    answer: 'RecommendationSettingsChange',
    async run({ recommendations, body }) {
      const definition = objectOf(body) as RecommendationSettings
      const mistakes = [...settingsMistakes(definition), ...unstorable(definition as Json)]
      if (mistakes.length > 0) throw invalid(mistakes)
      const { before } = await recommendations.set(definition)
      return { before, definition }
    },
  },
  {
    id: 'deleteRecommendationSettings',
    method: 'DELETE',
    path,
    summary: 'Goes back to the defaults.',
    scope: 'config:write',
    unnumbered: true,
    answer: 'RecommendationSettingsChange',
    async run({ recommendations }) {
      const { before } = await recommendations.set(null)
      return { before, definition: null }
    },
  },
]
