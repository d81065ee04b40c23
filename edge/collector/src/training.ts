/** Training of recommendations without HTTP: for tools that stand beside the database. */
export {
  recommendationTraining,
  type Training,
  type TrainingOptions,
  type TrainingRun,
} from './jobs/train.ts'
export { createLog } from './log.ts'
export type { TrainingProgress } from './training/train-catalog.ts'
