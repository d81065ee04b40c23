/** What stands in the page as a block of data: no policy has to let it run. */

/** The JSON of the block marked so; nothing where there is none, or half of one. */
export function dataInPage(mark: string): never | undefined {
  const block = document.querySelector(`script[data-nunchi-${mark}]`)
  try {
    return block ? (JSON.parse(block.textContent) as never) : undefined
  } catch {
    // Half of a page: then what the device has, or the collector.
    return
  }
}
