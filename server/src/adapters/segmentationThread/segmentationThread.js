// @ts-check
// Plain JavaScript, because a worker thread on Node 20 starts without a loader for TypeScript; it brings its own.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { answerTo } = await import('./work.ts');
const answer = await answerTo(workerData);
// A file goes over as it is; all else is copied.
parentPort?.postMessage(answer, 'result' in answer && 'file' in answer.result ? [answer.result.file.buffer] : []);
