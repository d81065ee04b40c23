/** What OpenFeature calls what we say of a flag: its standard reasons, and its metadata. */
import type { FlagReason, FlagResult } from './evaluation.ts'

/** OpenFeature's standard reasons, as far as a flag of ours has them. */
export type OpenFeatureReason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR'

/** The standard reason of each of ours. */
export const openFeatureReasons: { [reason in FlagReason]: OpenFeatureReason } = {
  value: 'DEFAULT',
  rule: 'TARGETING_MATCH',
  rollout: 'SPLIT',
  experiment: 'SPLIT',
  override: 'STATIC',
  disabled: 'DISABLED',
  prerequisite: 'TARGETING_MATCH',
  cycle: 'ERROR',
  unknown: 'ERROR',
  unsupported: 'ERROR',
}

/**
 * A result's metadata, all of it plain values.
 *
 * @param version of the config that the result is of
 */
export function openFeatureMetadata(
  { rule, revision, experiment }: FlagResult,
  version: string,
): { [name: string]: string | number | boolean } {
  return {
    configVersion: version,
    revision,
    ...(rule && { rule }),
    ...(experiment && {
      experiment: experiment.experiment,
      experimentRevision: experiment.revision,
      // Whether this is an exposure: what a client that counts results has to report.
      assigned: experiment.assigned,
      attribute: experiment.attribute,
      unit: experiment.unit,
    }),
  }
}
