/** Links within the documentation lead somewhere: to a file that is there, and to a heading that it has. */
import { posix } from 'node:path'

/** The fragment that GitHub gives a heading: lower case, punctuation away, spaces as hyphens. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

const withoutCode = (page: string): string =>
  page.replace(/^(```+)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')

/** The fragments that a page's headings can be reached by. */
export function anchors(page: string): Set<string> {
  const text = page.replace(/^(```+)[\s\S]*?^\1/gm, '')
  return new Set([...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))
}

/**
 * Links of a page that lead nowhere, as sentences with their remedy.
 *
 * @param read the text of a file by its path from the root; `undefined` where there is none
 * @param exists whether there is a file or a folder of that path
 */
export function brokenLinks(
  page: string,
  path: string,
  read: (path: string) => string | undefined,
  exists: (path: string) => boolean,
): string[] {
  const links = [...withoutCode(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)/g)].map(([, link]) => link!)
  return [...new Set(links)].flatMap((link) => {
    const [file = '', fragment] = link.split('#')
    const target = file === '' ? path : posix.join(posix.dirname(path), file)
    if (!exists(target.replace(/\/$/, '')))
      return [`${path} links to ${link}, where nothing is. Correct the path, or take the link out.`]
    if (fragment === undefined || anchors(read(target) ?? '').has(fragment)) return []
    return [`${path} links to ${link}, but ${target} has no such heading. Link to one that it has.`]
  })
}
