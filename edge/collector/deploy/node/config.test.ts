import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const faultsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  return ''
}

describe('the environment', () => {
  it.each<[Record<string, string>, string]>([
    [{ DATABASE_URL: '' }, 'DATABASE_URL is missing'],
    [{ DATABASE_URL: 'mysql://host/db' }, 'must begin with postgres://'],
    [{ DATABASE_URL: 'postgres://[' }, 'DATABASE_URL is no address'],
    [{ PORT: '80a' }, 'PORT must be a whole number from 0 to 65535, but is "80a".'],
    [{ PORT: '65536' }, 'PORT must be'],
    [{ PORT: '-1' }, 'PORT must be'],
    [{ TRUSTED_PROXIES: 'yes' }, 'TRUSTED_PROXIES must be'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of debug, info, warn, error, but is "loud".'],
  ])('%j is refused with a sentence', (env, sentence) => {
    expect(faultsOf({ DATABASE_URL: 'data', ...env })).toContain(sentence)
  })

  it.each([
    ['', 'METRICS_TOKEN is set but empty'],
    ['  ', 'METRICS_TOKEN is set but empty'],
    ['short', 'METRICS_TOKEN must have at least 32 characters'],
    ['5f1c9be02d7a4438a6d0c2e19b7f35e', 'METRICS_TOKEN must have at least 32 characters'],
    ['a'.repeat(64), 'METRICS_TOKEN looks like an example'],
    ['change-me-change-me-change-me-change-me', 'METRICS_TOKEN looks like an example'],
    ['your-256-bit-secret-your-256-bit-secret', 'METRICS_TOKEN looks like an example'],
  ])('security 38: the secret "%s" is refused before anything starts', (METRICS_TOKEN, sentence) => {
    expect(faultsOf({ DATABASE_URL: 'data', METRICS_TOKEN })).toContain(`${sentence}`)
  })

  it('security 38: a secret that is one is taken, and a refused one is not repeated', () => {
    const METRICS_TOKEN = '5f1c9be02d7a4438a6d0c2e19b7f35e8'
    expect(readConfig({ DATABASE_URL: 'data', METRICS_TOKEN }).metricsToken).toBe(METRICS_TOKEN)
    expect(faultsOf({ DATABASE_URL: 'data', METRICS_TOKEN: 'hunter2' })).not.toContain('hunter2')
  })

  it('is refused with all its faults at once, and no password among them', () => {
    const faults = faultsOf({ DATABASE_URL: 'postgres://user:hunter2@[', PORT: 'x', LOG_LEVEL: 'y' })
    expect(faults.split('\n')).toHaveLength(3)
    expect(faults).not.toContain('hunter2')
  })

  it('has defaults for all but the database', () => {
    expect(readConfig({ DATABASE_URL: ' ./data ' })).toEqual({
      database: { folder: './data' },
      port: 8787,
      host: '127.0.0.1',
      trustedProxies: 0,
      logLevel: 'info',
      groupCommitMs: 4,
      country: 'none',
      ip: 'truncate',
      metricsToken: undefined,
      redisUrl: undefined,
      privateHosts: [],
      insights: false,
      scriptFile: undefined,
      features: { abTesting: true, enhancedAuth: false, aiInsights: false, realTimeChat: false },
    })
    expect(readConfig({ DATABASE_URL: 'postgresql://db/nunchi', PORT: '0' })).toMatchObject({
      database: { postgres: 'postgresql://db/nunchi' },
      port: 0,
    })
  })
})
