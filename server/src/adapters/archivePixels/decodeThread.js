// @ts-check
// Plain JavaScript, because a worker thread on Node 20 starts without a loader for TypeScript; it brings its own.
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { decodeHere } = await import('./decodeHere.ts');
parentPort?.on('message', async ({ file, frameNumbers }) => {
  parentPort?.postMessage(await decodeHere(file, frameNumbers));
});
