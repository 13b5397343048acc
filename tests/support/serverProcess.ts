import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './runningServer.ts';

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** As a power cut would: no chance to finish anything. */
  kill(): Promise<void>;
}

const command = (env: Record<string, string>) =>
  spawn(process.execPath, ['--import', 'tsx', 'server/src/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** `server/src/main.ts` as a process of its own; resolves when it says that it is ready. */
export async function startServerProcess(env: Record<string, string>): Promise<ServerProcess> {
  const child = command(env);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (part: Buffer) => {
      said += part.toString();
      const ready = /ready: (http:\S+?)\/?\s/.exec(said);
      if (ready?.[1]) resolve(ready[1]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`ended with ${String(code)}: ${said}`)));
  });
  return {
    url,
    child,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A start that is meant to fail: its exit code and all that it said. */
export async function failToStart(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = command(env);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, said };
}
