/** The network between pages and collectors: requests and answers that are late, lost, doubled or forged. */
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** How the network behaves now. */
export type NetworkMood =
  | 'good'
  | 'slow'
  | 'lossy'
  | 'down'
  | 'portal'
  | 'small'
  | 'busy'
  | 'doubling'
  | 'erring'

/** The network of a simulation. */
export interface Network {
  mood: NetworkMood
  /** Sends a request and resolves as `fetch` does. */
  fetch(url: string, init: RequestInit): Promise<Response>
}

/** The most bytes that a `small` proxy lets through, without saying so. */
const proxyLimit = 40_000

/**
 * Makes the network.
 *
 * @param serve answers a request that has arrived; rejects where nobody listens
 */
export function createNetwork(
  clock: Clock,
  random: Random,
  serve: (request: Request) => Promise<Response>,
): Network {
  const lost = () => new TypeError('Failed to fetch')

  const arrive = async (url: string, init: RequestInit): Promise<Response> => {
    const { body, headers } = init
    const request = () =>
      new Request(url, { method: 'POST', body: body as string, ...(headers && { headers }) })
    const { mood } = network
    if (mood === 'portal') return new Response('<html>Sign in to the hotel</html>', { status: 200 })
    if (mood === 'erring') return new Response('upstream', { status: random.pick([500, 502, 504]) })
    if (mood === 'busy') {
      const late = { status: 429, headers: { 'retry-after': String(random.int(1, 5)) } }
      return new Response('{"code":"rate_limited"}', late)
    }
    if (mood === 'small' && String(body).length > proxyLimit) throw lost()
    if (mood === 'doubling' && random.chance(0.5)) serve(request()).catch(() => {})
    return serve(request())
  }

  const network: Network = {
    mood: 'good',
    async fetch(url, init) {
      const gone = new Promise<never>((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
      gone.catch(() => {})
      const way = async () => {
        const { mood } = network
        await clock.sleep(mood === 'slow' ? random.int(500, 15_000) : random.int(5, 100))
        if (mood === 'down' || (mood === 'lossy' && random.chance(0.4))) throw lost()
        const answer = await arrive(url, init)
        await clock.sleep(random.int(5, 100))
        // The reply that is lost after the commit.
        if (network.mood === 'down' || (mood === 'lossy' && random.chance(0.4))) throw lost()
        return answer
      }
      return Promise.race([way(), gone])
    },
  }
  return network
}
