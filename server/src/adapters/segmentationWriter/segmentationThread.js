// @ts-check
// Plain JavaScript, because a worker thread on Node 20 starts without a loader for TypeScript; it brings its own.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { writeHere } = await import('./writeHere.ts');
const answer = writeHere(workerData);
parentPort?.postMessage(answer, 'file' in answer ? [answer.file.buffer] : []);
