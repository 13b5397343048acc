import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Numbers } from './section.ts';

/** Building and writing a DICOM-SEG, in a process of its own so that its memory is its own. */
export async function segmentation(): Promise<Numbers> {
  const child = fork(fileURLToPath(new URL('./buildSegmentation.child.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  const [numbers] = (await once(child, 'message')) as [Numbers];
  return numbers;
}
