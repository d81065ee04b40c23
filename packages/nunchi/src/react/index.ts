'use client'
/** nunchi/react: flags, experiments and events in components. */
export type { Bootstrap } from '../bootstrap.ts'
export type { NunchiClient, Register } from './client.ts'
export { Experiment, type ExperimentProps } from './experiment.ts'
export { NunchiProvider } from './nunchi-provider.ts'
export type { NunchiProviderProps } from './provide.ts'
export { type ExperimentState, useExperiment } from './use-experiment.ts'
export { useFlag, useSuspenseFlag } from './use-flag.ts'
export { useNunchi, useTrack } from './use-nunchi.ts'
// biome-ignore format: one line a file
export { type RecommendationsState, type UseRecommendationsOptions, useRecommendations } from './use-recommendations.ts'
