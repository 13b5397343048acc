import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { phantomFile } from '../../server/src/demo/phantomStudy.ts';
import { describeWith, dicom3tools } from './tools.ts';

const run = promisify(execFile);

describeWith([dicom3tools], 'the demonstration study', () => {
  it('is valid CT, slice by slice and as a series: no error, no warning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'medsam-phantom-'));
    const paths = await Promise.all(
      [0, 1, 31, 63].map(async (index) => {
        const path = join(folder, `${String(index)}.dcm`);
        await writeFile(path, phantomFile(index));
        return path;
      }),
    );
    // dciodvfy names what it takes the file for, and otherwise speaks only of faults; on standard error.
    for (const path of paths) expect((await run('dciodvfy', [path])).stderr.trim()).toBe('CTImage');
    const { stdout, stderr } = await run('dcentvfy', paths);
    expect(stdout + stderr).toBe('');
    await rm(folder, { recursive: true });
  });
});
