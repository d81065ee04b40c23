/** What both builds of the provider are: a handle for the components inside, and the client's coming and going. */
import {
  createElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react'
import type { Bootstrap } from '../bootstrap.ts'
import type { Report } from '../errors.ts'
import type { Options } from '../options.ts'
import type { ExperimentsOptions } from '../plugins/experiments.ts'
import { bootstrapped } from './bootstrapped.ts'
import type { AnyClient } from './client.ts'
import { handleContext } from './context.ts'
import { createHandle, type Handle } from './handle.ts'

/** What `<NunchiProvider>` takes: a client of yours, or the options of one. */
export interface NunchiProviderProps {
  /** A client that you made, with `experiments()` among its plugins where you use flags. */
  client?: AnyClient
  /** The options of a client that the provider makes, once it is on the page; not read again. */
  options?: Options
  /** The options of its `experiments()`. */
  experiments?: Omit<ExperimentsOptions, 'bootstrap'>
  /** What the server decided by: the first render here is the same as there. */
  bootstrap?: Bootstrap
  children?: ReactNode
}

/** How a build makes clients, and tells of problems. */
export interface Build {
  create(options: Options): AnyClient
  reporter(): Report
}

interface Kept {
  handle: Handle
  /** How many providers use it. */
  users: number
}

/** The handles of this page by project: a render that is thrown away, or a provider mounted again, makes no second client. */
const kept: { [project: string]: Kept } = {}

/** A client that nobody uses any more is closed after so many ms: a provider that moves is mounted again at once. */
const patience = 1000

/** A server has no paint to be ahead of, and says so. */
const useBeforePaint: typeof useLayoutEffect = (effect, changes) =>
  (typeof document === 'undefined' ? useEffect : useLayoutEffect)(effect, changes)

function openHandle({ client, options, experiments, bootstrap }: NunchiProviderProps, build: Build): Handle {
  const common = { bootstrap, evaluator: experiments?.evaluator, report: build.reporter() }
  if (client) return createHandle({ ...common, make: () => client, there: true })
  const { use = [], ...rest } = options ?? { key: '', host: '' }
  return createHandle({
    ...common,
    make() {
      const own = use.map(({ name }) => name)
      const more = bootstrapped(bootstrap, experiments).filter(({ name }) => !own.includes(name))
      return build.create({ ...rest, use: [...use, ...more] })
    },
  })
}

const projectOf = ({ options }: NunchiProviderProps): string => `${options?.name} ${options?.key}`

/** The handle of a provider: on a page one for each project, on a server one for each request. */
function findHandle(props: NunchiProviderProps, build: Build): Handle {
  if (props.client || typeof document === 'undefined') return openHandle(props, build)
  const project = projectOf(props)
  kept[project] ??= { handle: openHandle(props, build), users: 0 }
  return kept[project].handle
}

/** Uses a kept handle. @returns lets it go */
function retain(project: string): () => void {
  const one = kept[project]
  if (!one) return () => {}
  one.users++
  return () => {
    one.users--
    setTimeout(() => {
      if (one.users || kept[project] !== one) return
      delete kept[project]
      one.handle.client().close()
    }, patience)
  }
}

/** The provider of a build. */
export function useProvided(props: NunchiProviderProps, build: Build): ReactElement {
  const { client, bootstrap, children } = props
  const [, show] = useState({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the client is made of is read once.
  const handle = useMemo(() => findHandle(props, build), [client])
  useBeforePaint(() => {
    if (client) return
    handle.client()
    // The device may know more than the server did: it is shown before anything is painted.
    if (!bootstrap?.config) show({})
    return retain(projectOf(props))
  }, [handle])
  return createElement(handleContext().Provider, { value: handle }, children)
}
