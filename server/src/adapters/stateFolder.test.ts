import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateFolder } from './stateFolder.ts';

const unexpected = () => {
  throw new Error('the lock was lost');
};
const module = fileURLToPath(new URL('./stateFolder.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'medsam-state-'));
  folder = join(parent, 'state');
});
afterEach(() => rm(parent, { recursive: true }));

/** Another server that has the folder and lives until it is killed. */
async function otherServer() {
  const script = `const { openStateFolder } = await import(${JSON.stringify(pathToFileURL(module).href)});
    await openStateFolder(${JSON.stringify(folder)}, () => undefined); console.log('has it'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the state folder', () => {
  it('is made with a place for documents and one for the archive', async () => {
    const state = await openStateFolder(folder, unexpected);
    expect((await stat(state.documents)).isDirectory()).toBe(true);
    expect((await stat(state.archive)).isDirectory()).toBe(true);
    await state.release();
  });

  it('is refused while another server has it, and free once that is stopped or killed', async () => {
    const other = await otherServer();
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-locked' });
    other.kill('SIGKILL');
    await once(other, 'exit');
    const state = await openStateFolder(folder, unexpected);
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-locked' });
    await state.release();
    await (await openStateFolder(folder, unexpected)).release();
  });

  it('cannot be where a file is', async () => {
    await writeFile(folder, '');
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-unwritable' });
  });

  it.runIf(process.getuid?.() !== 0)('cannot be where one may not write', async () => {
    await mkdir(folder, { mode: 0o500 });
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-unwritable' });
    await chmod(folder, 0o700);
  });

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)('cannot be on a read-only disk', async () => {
    await mkdir(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', folder]);
    try {
      await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-unwritable' });
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});
