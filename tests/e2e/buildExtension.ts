import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/runningServer.ts';
import { chromiumTool } from './chromium.ts';

/** The bundle that the browser is to load, of the source as it is now. */
export function buildExtension(): void {
  const { status } = spawnSync('npm', ['run', 'build'], {
    cwd: join(ROOT, 'extension'),
    shell: true,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the extension does not build');
}

/** Once for all browser tests. */
export default function buildForBrowserTests(): void {
  if (chromiumTool.missing === undefined) buildExtension();
}
