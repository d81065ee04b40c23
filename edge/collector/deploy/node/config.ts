/** Reads the collector's settings from the environment, and says in a sentence what is wrong with each. */
import type { InsightsOptions } from '../../src/insights/insights-options.ts'
import type { LogLevel } from '../../src/log.ts'
import { readAllowedHosts } from '../../src/outgoing/permitted-url.ts'
import { weakSecret } from '../../src/weak-secret.ts'
import { type Features, readFeatures } from './features.ts'
import { readInsights } from './insights-settings.ts'

/** How the collector runs. */
export interface NodeConfig {
  /** `postgres://…` for a Postgres, a folder for a PGlite. */
  database: { postgres: string } | { folder: string }
  port: number
  host: string
  trustedProxies: number
  logLevel: LogLevel
  groupCommitMs: number
  /** The platform whose header tells the visitor's country, or that header's name; `none`. */
  country: string
  /** What is kept of visitors' addresses. */
  ip: 'truncate' | 'drop'
  /** Asked for by `/metrics`; absent, the metrics are open. */
  metricsToken: string | undefined
  /** The file of the SDK's script tag build, served at `/nunchi.js`; absent, there is none. */
  scriptFile: string | undefined
  /** Hosts (`host:port`) that may be called although they are private or without TLS. */
  privateHosts: string[]
  /** The Redis that remembers for all instances; absent, each has its own memory. */
  redisUrl: string | undefined
  /** The phases of a rollout that are switched on. */
  features: Features
  /** As `insights` of the collector's options; `false` where `FEATURE_AI_INSIGHTS` is. */
  insights: InsightsOptions | false
}

type Environment = { [name: string]: string | undefined }

/** Thrown where the environment cannot be used; its message has one sentence a line. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const levels: LogLevel[] = ['debug', 'info', 'warn', 'error']

function readers(env: Environment, faults: string[]) {
  const text = (name: string) => env[name]?.trim() || undefined
  return {
    text,
    whole(name: string, fallback: number, most: number): number {
      const given = text(name) ?? String(fallback)
      const value = Number(given)
      if (/^\d+$/.test(given) && value <= most) return value
      faults.push(`${name} must be a whole number from 0 to ${most}, but is "${given}".`)
      return fallback
    },
    level(name: string): LogLevel {
      const given = text(name) ?? 'info'
      if (levels.includes(given as LogLevel)) return given as LogLevel
      faults.push(`${name} must be one of ${levels.join(', ')}, but is "${given}".`)
      return 'info'
    },
    country(name: string): string {
      const given = text(name)?.toLowerCase() ?? 'none'
      if (/^[a-z\d][a-z\d-]{0,63}$/.test(given)) return given
      faults.push(
        `${name} must be none, cloudflare, vercel, cloudfront, netlify, appengine or a header’s name, but is "${given}".`,
      )
      return 'none'
    },
    ip(name: string): 'truncate' | 'drop' {
      const given = text(name) ?? 'truncate'
      if (given === 'truncate' || given === 'drop') return given
      faults.push(`${name} must be truncate or drop, but is "${given}".`)
      return 'drop'
    },
    hosts(name: string): string[] {
      try {
        return readAllowedHosts(text(name) ?? '')
      } catch (error) {
        faults.push(`${name}: ${(error as Error).message}.`)
        return []
      }
    },
    redis(name: string): string | undefined {
      const given = text(name)
      if (given === undefined || (/^rediss?:\/\//.test(given) && URL.canParse(given))) return given
      faults.push(`${name} must be redis://user:password@host:6379, or rediss:// for TLS.`)
      return undefined
    },
    database(name: string): NodeConfig['database'] {
      const given = text(name)
      if (given === undefined)
        faults.push(
          `${name} is missing: set it to postgres://user:password@host/database, or to a folder for PGlite.`,
        )
      else if (/^postgres(?:ql)?:\/\//.test(given)) {
        if (!URL.canParse(given))
          faults.push(`${name} is no address: write postgres://user:password@host:5432/database.`)
        return { postgres: given }
      } else if (/^[a-z][a-z\d+.-]+:\/\//i.test(given))
        faults.push(
          `${name} must begin with postgres:// (or name a folder), but begins with "${given.split(':')[0]}:".`,
        )
      return { folder: given ?? '' }
    },
  }
}

/** Why a secret would not keep anyone out; `undefined` where it would, or where none is set. */
function weakness(secret: string | undefined): string | undefined {
  if (secret === undefined) return undefined
  // An empty one is a variable that somebody forgot to fill; taken as none, it would open what it should close.
  if (secret.trim() === '') return 'is set but empty: take it away to leave the metrics open, or set it'
  return weakSecret(secret.trim())
}

/**
 * Reads `DATABASE_URL PORT HOST TRUSTED_PROXIES LOG_LEVEL GROUP_COMMIT_MS COUNTRY VISITOR_IP METRICS_TOKEN
 * SCRIPT_FILE REDIS_URL NUNCHI_ALLOW_PRIVATE_HOSTS`, the switches `FEATURE_…`, and what `readInsights` reads.
 *
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: Environment): NodeConfig {
  const faults: string[] = []
  const { text, whole, level, database, country, ip, redis, hosts } = readers(env, faults)
  const fault = (sentence: string) => faults.push(sentence)
  const features = readFeatures(env, fault)
  const privateHosts = hosts('NUNCHI_ALLOW_PRIVATE_HOSTS')
  const config: NodeConfig = {
    database: database('DATABASE_URL'),
    port: whole('PORT', 8787, 65_535),
    host: text('HOST') ?? '127.0.0.1',
    trustedProxies: whole('TRUSTED_PROXIES', 0, 10),
    logLevel: level('LOG_LEVEL'),
    groupCommitMs: whole('GROUP_COMMIT_MS', 4, 1_000),
    country: country('COUNTRY'),
    ip: ip('VISITOR_IP'),
    metricsToken: text('METRICS_TOKEN'),
    scriptFile: text('SCRIPT_FILE'),
    redisUrl: redis('REDIS_URL'),
    privateHosts,
    features,
    insights: readInsights({ text, whole, fault, privateHosts }, features.aiInsights),
  }
  const weak = weakness(env['METRICS_TOKEN'])
  if (weak) faults.push(`METRICS_TOKEN ${weak}; make one with: openssl rand -hex 32`)
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return config
}

/** What the environment says of insights alone, and what is wrong with it. */
export interface InsightsSettings {
  insights: InsightsOptions | false
  faults: string[]
  privateHosts: string[]
}

/** Reads it, for `nunchi dev`, `nunchi doctor` and Workers; what else stands in the environment is of no interest. */
export function insightsSettings(env: Environment): InsightsSettings {
  const faults: string[] = []
  const { text, whole, hosts } = readers(env, faults)
  const fault = (sentence: string) => faults.push(sentence)
  const { aiInsights } = readFeatures(env, (sentence) => {
    if (sentence.startsWith('FEATURE_AI_INSIGHTS')) fault(sentence)
  })
  const privateHosts = hosts('NUNCHI_ALLOW_PRIVATE_HOSTS')
  return { insights: readInsights({ text, whole, fault, privateHosts }, aiInsights), faults, privateHosts }
}
