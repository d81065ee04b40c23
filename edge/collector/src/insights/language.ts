/** In which language an insight is written. */
import type { InsightLanguage } from '@nunchi/protocol'
import type { RequestContext } from '../env.ts'

/** `?language=`, else the first of `Accept-Language` that we write, else English. */
export function languageOf(c: RequestContext): InsightLanguage {
  const wished = [c.req.query('language') ?? '', ...(c.req.header('accept-language') ?? '').split(',')]
  const known = wished
    .map((one) => one.trim().slice(0, 2).toLowerCase())
    .find((one) => one === 'ko' || one === 'en')
  return (known as InsightLanguage | undefined) ?? 'en'
}
