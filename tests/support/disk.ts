import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** To mount is root's alone; elsewhere than on a developer's machine sudo asks for no password. */
const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];

function mount(...command: [string, ...string[]]): void {
  const [program = '', ...rest] = [...asRoot, ...command];
  execFileSync(program, rest, { stdio: 'ignore' });
}

const [program = '', ...rest] = [...asRoot, 'true'];
/** Disks that fill up or turn read-only, for suites that use `describeWith`. */
export const disks = {
  missing:
    process.platform === 'linux' && spawnSync(program, rest).status === 0
      ? undefined
      : 'a disk of its own needs Linux, and root or sudo without a password',
};

export interface Disk {
  readonly folder: string;
  /** As after an input/output error, or where an administrator remounts it. */
  turnReadOnly(): void;
  turnWritable(): void;
  remove(): Promise<void>;
}

/** @param megabytes - How much it holds. */
export async function makeDisk(megabytes: number): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'medsam-disk-'));
  mount('mount', '-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=777`, 'tmpfs', folder);
  return {
    folder,
    turnReadOnly: () => mount('mount', '-o', 'remount,ro', folder),
    turnWritable: () => mount('mount', '-o', 'remount,rw', folder),
    async remove() {
      // Also where a test that failed has left files open.
      mount('umount', '--lazy', folder);
      await rm(folder, { recursive: true });
    },
  };
}
