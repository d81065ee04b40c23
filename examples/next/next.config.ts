/** How Next builds the example. */
import type { NextConfig } from 'next'

const config: NextConfig = {
  reactStrictMode: true,
  // The folder is a project of its own, whatever stands around it.
  turbopack: { root: import.meta.dirname },
}

export default config
