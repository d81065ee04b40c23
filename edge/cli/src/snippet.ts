/** What a site owner copies: the script tag with its stub, and the same for a bundler. */

/** Records calls until the script has arrived; at most 1000, so that a blocked script costs nothing. */
const stub =
  '(w=>{if(w.nunchi)return;let q=[],n=w.nunchi={q};for(let m of"track identify page group alias reset flush".split(" "))n[m]=(...a)=>{q.length<1e3&&q.push([m,Date.now(),...a])}})(window)'

/**
 * The lines to paste into a page's head.
 *
 * @param version the SDK's version, for the address
 */
export function scriptTag(key: string, host: string, version: string): string {
  return [
    `<script>${stub}</script>`,
    `<script async src="https://cdn.jsdelivr.net/npm/nunchi@${version}/dist/nunchi.global.js"`,
    `  data-key="${key}" data-host="${host}"></script>`,
  ].join('\n')
}

/** The lines for code that is bundled. */
export function moduleCode(key: string, host: string): string {
  return [
    "import { createNunchi, pageViews } from 'nunchi'",
    `const nunchi = createNunchi({ key: '${key}', host: '${host}', use: [pageViews()] })`,
    "nunchi.track('Signed Up', { plan: 'free' })",
  ].join('\n')
}
