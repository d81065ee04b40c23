/** `npm run bench NAME`: runs the bench of that name, in whichever room it is; without a name, lists them. */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { withNpmJson } from '../lib/npm-json.ts'

const root = join(import.meta.dirname, '../..')
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
/** A bench is run; what gives something to others is what benches lean on. */
const files = globSync(['{packages,edge,examples}/*/bench/*.ts', 'scripts/bench/*.ts'], { cwd: root }).filter(
  (file) => !/\.test\.ts$/.test(file) && !/^export /m.test(text(file)),
)
const benches = new Map(files.sort().map((file) => [basename(file, '.ts'), file]))
const [name = '', ...args] = withNpmJson(process.argv.slice(2), process.env)
const file = benches.get(name)

if (file) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, file), ...args],
    {
      stdio: 'inherit',
    },
  )
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
} else {
  if (name) console.error(`\n  There is no bench "${name}".`)
  console.log(
    benches.size > 0 ? '\n  npm run bench NAME [-- --json FILE]\n' : '\n  There are no benches yet.\n',
  )
  for (const [known, path] of benches) {
    const says = /^\/\*\*\s*(?:\*\s*)?(.*?)\s*(?:\*\/)?$/m.exec(text(path))?.[1] ?? ''
    console.log(`  ${known.padEnd(16)} ${says}`)
  }
  process.exitCode = name ? 1 : 0
}
