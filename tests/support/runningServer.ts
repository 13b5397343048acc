import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { compose, type Composition } from '@ohif-medsam/server/compose';
import { readSettings, type Settings } from '@ohif-medsam/server/settings';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningServer extends Composition {
  readonly url: string;
  readonly stateFolder: string;
  /** Refuses connections until {@link resume}, as a stopped archive does. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/**
 * The whole server, with its real engine, store and embedded archive, on a free port. Its state lives in a folder of its
 * own, which goes with the server unless `stateFolder` names one.
 */
export async function startServer(over: Partial<Settings> = {}): Promise<RunningServer> {
  const stateFolder = over.stateFolder ?? (await mkdtemp(join(tmpdir(), 'medsam-test-')));
  const settings: Settings = {
    ...readSettings({ MEDSAM_DATA: stateFolder }, ROOT),
    archive: { kind: 'embedded', demoStudy: false },
    ...over,
    stateFolder,
  };
  const http = createServer();
  const composition = await compose(settings, {
    http,
    root: ROOT,
    viewerFolder: stateFolder,
    log: pino({ level: 'error' }),
    onStateLost: () => undefined,
    announce: () => undefined,
  });
  const listen = (port: number) => new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = http.address() as AddressInfo;
  return {
    ...composition,
    stateFolder,
    url: `http://127.0.0.1:${String(port)}`,
    pause: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
    resume: () => listen(port),
    async close() {
      await composition.close();
      http.closeAllConnections();
      if (over.stateFolder === undefined) await rm(stateFolder, { recursive: true, force: true });
    },
  };
}
