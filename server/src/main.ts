import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, toWireError } from '@ohif-medsam/protocol';
import { destination, pino } from 'pino';
import { provisionViewer, readViewerPin } from './adapters/viewer/provisionViewer.ts';
import { compose, type Composition } from './compose.ts';
import { readSettings, type Settings } from './settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function start(): Promise<void> {
  const settings = readSettings(process.env, ROOT);
  // Standard output is for people. Whatever a log line might hold of a patient is taken out.
  const log = pino(
    { level: settings.log, redact: ['*.patientName', '*.PatientName', '*["00100010"]', '*["00100020"]'] },
    destination(2),
  );
  // The port comes first: who started the server twice hears of that, not of the locked state folder.
  const http = createServer(notReady);
  const address = await listen(http, settings);
  console.log('Starting ...');
  const pin = await readViewerPin(join(ROOT, 'config', 'viewer', 'ohif.json'));
  const viewerFolder = await provisionViewer(pin, settings.viewer.cacheFolder, console.log);
  const onStateLost = () => fail(new AppError('state-locked'));
  const announce = (message: string) => console.log(message);
  const composition = await compose(settings, { http, root: ROOT, viewerFolder, log, onStateLost, announce });
  closeOnSignals(composition);
  for (const { problem } of composition.engine.health()) if (problem) console.log(`Inference: ${problem}`);
  if (settings.archive.kind === 'embedded')
    console.log('Archive: embedded, for demonstration and development. README.md says how to use a PACS.');
  console.log(`ohif-medsam is ready: ${address}`);
}

const notReady: RequestListener = (_request, response) => {
  response.writeHead(503, { 'Retry-After': '2', 'Content-Type': 'text/plain' }).end('Starting, try again in a moment.');
};

/** @returns The address for the browser. */
function listen(http: Server, { host, port }: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    http.listen(port, host, () => {
      const bound = http.address();
      const shown = host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host;
      resolve(`http://${shown}:${String(typeof bound === 'object' && bound ? bound.port : port)}/`);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new AppError('input-invalid', `Port ${String(port)} is taken. Another: PORT=${String(port + 1)} npm start`);
  if (error.code === 'EACCES')
    return new AppError('input-invalid', `This user may not use port ${String(port)}. Another: PORT=3000 npm start`);
  if (error.code === 'EADDRNOTAVAIL') return new AppError('input-invalid', `This machine has no address ${host}.`);
  return error;
}

function closeOnSignals(composition: Composition): void {
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (closing) process.exit(1);
      closing = true;
      void composition.close().finally(() => process.exit(0));
    });
}

/** Tells what is wrong and what to do, without a stack trace, and ends. */
function fail(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  const { message, detail, remedy } = toWireError(error);
  console.error([message, detail, remedy].filter(Boolean).join('\n'));
  process.exit(1);
}

start().catch(fail);
