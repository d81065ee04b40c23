/** All that evaluation can do beyond the core: for servers, and for pages whose config asks for it. */
import type { Extension } from './evaluation.ts'
import { bucketV1, bucketV2 } from './fnv.ts'
import { moreOperators } from './operators.ts'
import { onlyKnown } from './scope.ts'
import { findSticky } from './sticky.ts'
import { compileUrls, queryVariant } from './url.ts'

/** Every operator, hash versions 1 and 2, URL targeting, `?experiment=variant`, and kept assignments. */
export const fullEvaluator: Extension = {
  operators: moreOperators,
  hashes: { 1: bucketV1, 2: bucketV2 },
  experiment(key, experiment, rest) {
    const { urls, minBucketVersion, ...unknown } = rest as typeof experiment
    onlyKnown(unknown)
    const targeted = urls && compileUrls(urls)
    return (visit) => {
      const { url = '', sticky } = visit
      if (targeted && !targeted(url)) return { stop: 'url' }
      const asked = url ? queryVariant(key, url, experiment.variants) : -1
      if (asked >= 0) return { asked }
      const kept = sticky ? findSticky(key, experiment, visit, sticky) : -1
      return kept === -2 ? { stop: 'bucket_version' } : { kept }
    }
  },
}
