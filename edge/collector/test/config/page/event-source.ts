/** The page of a site that listens to the config's stream and reads the config by itself. */
const query = new URLSearchParams(location.search)
const [host, key] = [query.get('host') ?? '', query.get('key') ?? '']

interface Read {
  version: string
  flags: { [key: string]: { enabled?: boolean } }
}

/** When each config arrived (ms since the epoch), and whether its checkout is on. */
const heard: { at: number; version: string; on: boolean }[] = []
const stream = new EventSource(`${host}/v1/config/stream?key=${key}`)
stream.addEventListener('config', async ({ data }: MessageEvent<string>) => {
  const response = await fetch(`${host}/v1/config?key=${key}&version=${data}`, { credentials: 'omit' })
  const { version, flags } = (await response.json()) as Read
  heard.push({ at: Date.now(), version, on: flags['checkout']?.enabled !== false })
})
Object.assign(globalThis, { heard })
