/** What processes cost, as Linux counts it: CPU time and resident memory. */
import { readdirSync, readFileSync } from 'node:fs'

/** Nanoseconds on a CPU, of all threads that a process has. */
function scheduled(pid: number): number {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks)
    .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, one) => sum + one, 0)
}

/** User and system time of a process in ms, from `/proc/PID/stat`, in ticks of 10 ms. */
function ticks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets, and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/**
 * CPU time of a process so far, user and system, in ms.
 *
 * @throws where there is no such process, or no /proc
 */
export function cpuOf(pid: number): number {
  try {
    const ms = scheduled(pid) / 1e6
    if (ms > 0) return ms
  } catch {
    // A kernel without scheduler statistics.
  }
  try {
    return ticks(pid)
  } catch (error) {
    throw new Error(`The CPU time of process ${pid} cannot be read; this bench needs Linux and its /proc.`, {
      cause: error,
    })
  }
}

/** Memory of a process in bytes: resident now, and the most that it ever was. */
export function memoryOf(pid: number): { rss: number; peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1])
  return { rss: of('VmRSS'), peak: of('VmHWM') }
}
