/** Addresses: where an experiment runs, which variant they ask for, and where a redirect leads. */
import type { UrlTarget, Variant } from './config.ts'

const base = 'https://_'

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[*.+?^${}()|[\]\\]/g, '\\$&').replace(/_____/g, '.*')}$`, 'i')
}

/** A path matches with or without a slash at either end. */
const pathPattern = (path: string): RegExp => {
  const inner = wildcard(path.replace(/(^\/|\/$)/g, '')).source.slice(1, -1)
  return new RegExp(`^\\/?${inner}\\/?$`, 'i')
}

function simple(pattern: string): (url: URL) => boolean {
  // A host may stand without its protocol; `*` is no character of a host, so it travels as underscores.
  const text = pattern.replace(/^([^:/?]*)\./i, 'https://$1.').replace(/\*/g, '_____')
  const wanted = new URL(text, 'https://_____')
  const host = wildcard(wanted.host)
  const path = pathPattern(wanted.pathname)
  const hash = wanted.hash ? wildcard(wanted.hash) : undefined
  const query = [...wanted.searchParams].map(([name, value]) => ({ name, value: wildcard(value) }))
  return (url) =>
    host.test(url.host) &&
    path.test(url.pathname) &&
    (!hash || hash.test(url.hash)) &&
    query.every(({ name, value }) => value.test(url.searchParams.get(name) || ''))
}

function regex(pattern: string): (url: URL) => boolean {
  const expression = new RegExp(pattern)
  return ({ href, origin }) => expression.test(href) || expression.test(href.slice(origin.length))
}

/**
 * Compiles URL targets: an address is meant where one target includes it (or none includes) and none excludes it.
 *
 * @throws for a pattern that is none
 */
export function compileUrls(targets: UrlTarget[]): (url: string) => boolean {
  const compiled = targets.map(({ type, pattern, include = true }) => {
    if (type !== 'simple' && type !== 'regex') throw new Error(`urls type ${type}`)
    return { include, matches: type === 'regex' ? regex(pattern) : simple(pattern) }
  })
  const includes = compiled.filter(({ include }) => include)
  const excludes = compiled.filter(({ include }) => !include)
  return (text) => {
    let url: URL
    try {
      url = new URL(text, base)
    } catch {
      return false
    }
    if (!targets.length || excludes.some(({ matches }) => matches(url))) return false
    return !includes.length || includes.some(({ matches }) => matches(url))
  }
}

/**
 * The variant that an address asks for by `?experiment=variant`: its position from 0, or its key.
 *
 * @returns the position, or -1
 */
export function queryVariant(key: string, url: string, variants: Variant[]): number {
  const pairs = (url.split('?')[1] ?? '').replace(/#.*/, '').split('&')
  const asked = pairs.map((pair) => pair.split('=', 2)).find(([name]) => name === key)?.[1]
  const position = Number.parseInt(asked ?? '', 10)
  return variants[position] ? position : variants.findIndex(({ key }) => key === asked)
}

/** A redirect's address with the query parameters of the page it leaves; its own win. */
export function withQuery(from: string, to: string): string {
  try {
    const target = new URL(to)
    for (const [name, value] of new URL(from).searchParams)
      if (!target.searchParams.has(name)) target.searchParams.set(name, value)
    return target.href
  } catch {
    return to
  }
}
