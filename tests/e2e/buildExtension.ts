import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/runningServer.ts';

/** The bundle that the browser is to load, of the source as it is now. */
export function buildExtension(): void {
  const { status } = spawnSync('npm', ['run', 'build'], {
    cwd: join(ROOT, 'extension'),
    shell: true,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the extension does not build');
}
