/** Gives back the `--json FILE` that npm takes for its own when it is written without `--`. */

/**
 * `npm run bench NAME --json out.json` arrives as `NAME out.json` with `npm_config_json=true`.
 *
 * @returns the arguments as they were meant
 */
export function withNpmJson(args: string[], env: NodeJS.ProcessEnv): string[] {
  const eaten = env['npm_config_json'] === 'true' && !args.includes('--json') && args.length > 1
  return eaten ? [...args.slice(0, -1), '--json', args.at(-1)!] : args
}
