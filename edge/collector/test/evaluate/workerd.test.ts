import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { expect, it } from 'vitest'

const check = join(import.meta.dirname, '../../../../packages/protocol/vectors/check.ts')

it('the vectors come out in workerd', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { checkVectors } from ${JSON.stringify(check)}
        export default { fetch: () => Response.json(checkVectors()) }`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
  })
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]!.text,
    compatibilityDate: '2026-01-01',
  })
  try {
    const answer = await worker.dispatchFetch('http://vectors.example/')
    const { asked, failures } = (await answer.json()) as { asked: number; failures: string[] }
    expect(failures).toEqual([])
    expect(asked).toBeGreaterThan(1000)
  } finally {
    await worker.dispose()
  }
})
