/** Managing flags and experiments without HTTP: for tools that stand beside the database. */
export type { Change, MakeChange } from './manage/change.ts'
export {
  completeExperiment,
  deleteExperiment,
  type ExperimentInput,
  pauseExperiment,
  setExperiment,
  startExperiment,
} from './manage/experiments.ts'
export { deleteFlag, type FlagInput, rampFlag, setFlag, switchFlags } from './manage/flags.ts'
export { keyGateway, ownerGateway } from './manage/gateway.ts'
export { deleteShared, setGroup, setHoldout } from './manage/holdouts-and-groups.ts'
export { importFlags } from './manage/import-flags.ts'
export { type Gateway, inForce, type Outcome, type Published, publishChange } from './manage/publisher.ts'
export { experimentOf, flagOf, groupOf, holdoutOf } from './manage/read-body.ts'
export { revertTo } from './manage/revert.ts'
