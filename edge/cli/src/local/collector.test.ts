/** The collector for trying things out reads the settings of insights before it touches anything. */
import { expect, it, vi } from 'vitest'
import { localCollector } from './collector.ts'

it('is refused with a sentence where a language model could not be called', async () => {
  vi.stubEnv('FEATURE_AI_INSIGHTS', 'true')
  vi.stubEnv('NUNCHI_AI_KEY', 'sk-1')
  vi.stubEnv('NUNCHI_AI_URL', 'http://127.0.0.1:11434/v1')
  const steps: string[] = []
  const options = {
    data: 'nowhere',
    project: 'shop',
    onStep: (step: string) => steps.push(step),
    log: () => {},
  }
  await expect(localCollector(options)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/NUNCHI_AI_MODEL is missing.*NUNCHI_AI_URL cannot be called/),
  })
  expect(steps).toEqual([])
  vi.unstubAllEnvs()
})
