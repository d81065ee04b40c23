/** A disk of a few megabytes in memory, so that one can be full: only root on Linux may mount one. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A mounted disk. */
export interface SmallDisk {
  folder: string
  remove(): void
}

/** Mounts one; throws where that is not allowed. */
export function smallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
  chmodSync(folder, 0o755)
  const remove = () => {
    execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
    rmSync(folder, { recursive: true })
  }
  return { folder, remove }
}

/** Why this machine cannot have one; `undefined` where it can. */
export function diskHint(): string | undefined {
  try {
    smallDisk(1).remove()
    return undefined
  } catch {
    return 'a disk that can be full needs the right to mount one (root on Linux).'
  }
}
