/** Clicks: what the markup declares by `data-nunchi-event`, and, where asked for, links, buttons and downloads. */
import { declaredClicks } from '../declared-clicks.ts'
import { actionOf, type ClickKind } from '../page/action.ts'
import type { Plugin } from '../plugin.ts'

/** What `clicks()` takes. */
export interface ClicksOptions {
  /** Clicks that are recorded without being declared: all, or a list of `outbound`, `downloads`, `elements`. @default false */
  automatic?: boolean | readonly ClickKind[]
  /** Whether these tell the text of buttons and links, 80 characters of it. @default false */
  text?: boolean
  /**
   * Extensions of files that are downloads; a link with the attribute `download` is one anyway.
   * @default pdf, csv, xls, xlsx, doc, docx, ppt, pptx, hwp, hwpx, zip, gz, 7z, rar, dmg, exe, msi, apk, mp3, mp4
   */
  extensions?: readonly string[]
}

/** Makes the plugin: one listener for the whole page, ahead of the page's own. */
export function clicks({
  automatic = false,
  text = false,
  extensions = 'pdf csv xls xlsx doc docx ppt pptx hwp hwpx zip gz 7z rar dmg exe msi apk mp3 mp4'.split(' '),
}: ClicksOptions = {}): Plugin<'clicks', void> {
  const valid = Array.isArray(extensions)
  const files = valid ? extensions : []
  const wants = (kind: ClickKind) => automatic === true || (automatic !== false && automatic.includes(kind))
  const plugin = declaredClicks((path, client) => {
    const action = automatic && actionOf(path, files, text)
    if (action && wants(action.kind)) client.track(action.name, action.properties)
  })
  return {
    ...plugin,
    setup(context) {
      if (!valid) context.report('option_invalid', 'clicks.extensions')
      plugin.setup(context)
    },
  }
}
