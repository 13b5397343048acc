import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeAbandoned } from './folderLock.ts';
import { openStateFolder } from './stateFolder.ts';

const unexpected = () => {
  throw new Error('the lock was lost');
};
const module = fileURLToPath(new URL('./stateFolder.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A user that owns nothing. */
const NOBODY = 65_534;

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

/** Leaves behind what a server leaves that was killed this long ago. */
async function abandon(agoMs: number): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const touched = new Date(Date.now() - agoMs);
  await mkdir(join(folder, 'server.lock'), { recursive: true });
  await utimes(join(folder, 'server.lock'), touched, touched);
  await writeFile(join(folder, 'server.json'), JSON.stringify({ pid, host: hostname() }));
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

  it('goes to one of many servers that start at about the same time after a crash', async () => {
    for (let round = 0; round < 2; round++) {
      await abandon(round % 2 === 0 ? 2_000 : 20_000);
      let lost = 0;
      const starts = Array.from({ length: 40 }, async (_, n) => {
        await sleep(n * 10);
        return openStateFolder(folder, () => lost++);
      });
      const outcomes = await Promise.allSettled(starts);
      const [winner, ...others] = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(others).toHaveLength(0);
      for (const each of outcomes)
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'state-locked' });
      expect(lost).toBe(0);
      await winner?.release();
      expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('claim'));
    }
  });

  it('stays with the server that took it when another one, which saw the same abandoned lock, comes late', async () => {
    await abandon(2_000);
    const { mtimeMs: seen } = await stat(join(folder, 'server.lock'));
    const state = await openStateFolder(folder, unexpected);
    await removeAbandoned(folder, seen);
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-locked' });
    await state.release();
  });

  it('cannot be where a file is', async () => {
    await writeFile(folder, '');
    await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-unwritable' });
  });

  it('cannot be where one may not write', async () => {
    await mkdir(folder, { mode: 0o500 });
    const asUser = process.geteuid?.();
    // To root every folder is open.
    if (asUser === 0) process.seteuid?.(NOBODY);
    try {
      await expect(openStateFolder(folder, unexpected)).rejects.toMatchObject({ code: 'state-unwritable' });
    } finally {
      if (asUser === 0) process.seteuid?.(0);
      await chmod(folder, 0o700);
    }
  });
});
