import { expect } from 'vitest';

interface Engine {
  readonly state: string;
  readonly pid: number;
  readonly restarts: number;
  /** Requests that wait for it. */
  readonly queued: number;
  readonly rssBytes: number;
}

/** What a server says of its inference process. */
export async function engineOf(server: { readonly url: string }): Promise<Engine> {
  const health = (await (await fetch(`${server.url}/health`)).json()) as { engines: Engine[] };
  return health.engines[0] as Engine;
}

/** Kills it, as the kernel does when memory runs out. */
export async function killEngine(server: { readonly url: string }): Promise<void> {
  await expect.poll(async () => (await engineOf(server)).state, { timeout: 20_000 }).toBe('ready');
  process.kill((await engineOf(server)).pid, 'SIGKILL');
}
