/** The client of this site, its flags, and its experiments: `nunchi types` writes the second half. */
import { createNunchi, experiments, pageViews, recommendations } from 'nunchi'

export const nunchi = createNunchi({
  key: import.meta.env.VITE_NUNCHI_KEY,
  host: import.meta.env.VITE_NUNCHI_HOST,
  use: [pageViews(), experiments(), recommendations()],
})

declare module 'nunchi' {
  interface Flags {
    'gift-note': boolean
  }
  interface Experiments {
    hero: 'calm' | 'bold'
  }
}

declare module 'nunchi/react' {
  interface Register {
    client: typeof nunchi
  }
}
