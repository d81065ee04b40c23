/** Ramps without HTTP: for tools that stand beside the database. */
export { runRamps } from './jobs/ramp.ts'
export { keyRamps, ownerRamps, type RampGateway } from './ramps/gateway.ts'
export { moveRamp, rampOf, startRamp } from './ramps/manage-ramp.ts'
export type { Ramp, RampKind, RampReason, RampState } from './ramps/ramp.ts'
export type { RampInput } from './ramps/ramp-input.ts'
export type { RampChange } from './ramps/run-ramp.ts'
