import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { DicomWebConnection } from '../../server/src/adapters/dicomweb/dicomWebClient.ts';
import type { Tool } from './tools.ts';

const BINARY = ['Orthanc', '/usr/sbin/Orthanc'].find((path) => !spawnSync(path, ['--version']).error);
const DICOMWEB = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const USER = { username: 'medsam', password: 'medsam' };
const START_MS = 30_000;

/** A real PACS, for suites that use `describeWith`. */
export const orthanc: Tool = {
  missing:
    BINARY !== undefined && existsSync(DICOMWEB)
      ? undefined
      : 'Orthanc with DICOMweb is not installed (apt-get install orthanc orthanc-dicomweb)',
};

export interface RunningOrthanc {
  readonly connection: DicomWebConnection;
  /** Ends it at once, as a crash would. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data after {@link stop}. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** Starts an empty Orthanc on a free port, with basic authentication and nothing but DICOMweb. */
export async function startOrthanc(): Promise<RunningOrthanc> {
  const folder = await mkdtemp(join(tmpdir(), 'medsam-orthanc-'));
  const port = await freePort();
  const config = {
    StorageDirectory: join(folder, 'db'),
    IndexDirectory: join(folder, 'db'),
    Plugins: [DICOMWEB],
    HttpPort: port,
    DicomServerEnabled: false,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: true,
    RegisteredUsers: { [USER.username]: USER.password },
    OverwriteInstances: false,
    // Without the port its URLs would point at port 80.
    DicomWeb: { Enable: true, Root: '/dicom-web/', Host: `127.0.0.1:${String(port)}` },
  };
  const configPath = join(folder, 'orthanc.json');
  await writeFile(configPath, JSON.stringify(config));
  const connection = { url: `http://127.0.0.1:${String(port)}/dicom-web`, timeoutMs: 20_000, ...USER };
  let running = await launch(configPath, connection);
  const stop = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  return {
    connection,
    stop,
    restart: async () => void (running = await launch(configPath, connection)),
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(configPath: string, { url }: DicomWebConnection): Promise<ChildProcess> {
  const child = spawn(BINARY ?? 'Orthanc', [configPath], { stdio: 'ignore' });
  const authorization = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`;
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await new Promise((r) => setTimeout(r, 100))) {
    if (child.exitCode !== null) throw new Error(`Orthanc ended with ${String(child.exitCode)}`);
    const answer = await fetch(`${url}/studies`, { headers: { Authorization: authorization } }).catch(() => undefined);
    if (answer?.ok) return child;
  }
  child.kill('SIGKILL');
  throw new Error('Orthanc did not start.');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}
