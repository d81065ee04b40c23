import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{packages,edge,examples,scripts}/**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            '**/*.dom.test.{ts,tsx}',
            '**/*.browser.test.{ts,tsx}',
          ],
        },
      },
    ],
  },
})

export default config
