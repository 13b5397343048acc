import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = dirname(createRequire(import.meta.url).resolve('tsx/package.json'));

/** A project with the real start.mjs, a server that says when it runs, and an npm that writes down what it was asked. */
let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'medsam-start-'));
  const files = {
    'package.json': '{"type": "module"}',
    'package-lock.json': '{}',
    'server/src/main.ts':
      "process.on('SIGTERM', () => process.exit(0));\nconst code: number = Number(process.env['EXIT'] ?? -1);\n" +
      "console.log('serving');\nif (code >= 0) process.exit(code);\nsetInterval(() => {}, 1000);\n",
    'extension/src/index.tsx': '',
    'extension/package.json': '{}',
    'extension/vite.config.js': '',
    'protocol/src/index.ts': '',
    'bin/npm': `#!/bin/sh\necho "$@" >> ${join(project, 'asked.txt')}\nexit \${NPM_EXIT:-0}\n`,
  };
  for (const [path, text] of Object.entries(files)) await put(path, text);
  await copyFile(join(ROOT, 'start.mjs'), join(project, 'start.mjs'));
  await mkdir(join(project, 'node_modules'));
  await symlink(TSX, join(project, 'node_modules', 'tsx'), 'junction');
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text, { mode: 0o755 });
}

async function installAndBuild(): Promise<void> {
  for (const path of ['node_modules/.package-lock.json', 'extension/dist/index.umd.js', 'extension/dist/host.js'])
    await put(path, '');
}

function start(env: Record<string, string> = {}, nodeArguments: string[] = []): ChildProcess {
  const path = `${join(project, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  return spawn(process.execPath, [...nodeArguments, 'start.mjs'], {
    cwd: project,
    env: { ...process.env, PATH: path, ...env },
  });
}

async function run(...options: Parameters<typeof start>): Promise<{ code: number; output: string }> {
  const child = start(...options);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

const askedOfNpm = () => readFile(join(project, 'asked.txt'), 'utf8').catch(() => '');

// The stand-in for npm is a shell script.
describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('installs and builds on a fresh clone, then serves', async () => {
    const { code, output } = await run({ EXIT: '0' });
    expect(await askedOfNpm()).toBe('ci --include=dev\nrun build\n');
    expect(output).toContain('serving');
    expect(code).toBe(0);
  });

  it('does neither when everything is there', async () => {
    await installAndBuild();
    await run({ EXIT: '0' });
    expect(await askedOfNpm()).toBe('');
  });

  it('builds again after a change of the extension or the protocol, and installs after a change of the lock file', async () => {
    const later = new Date(Date.now() + 10_000);
    for (const [changed, expected] of [
      ['extension/src/index.tsx', 'run build\n'],
      ['protocol/src/index.ts', 'run build\n'],
      ['package-lock.json', 'ci --include=dev\nrun build\n'],
    ] as const) {
      await installAndBuild();
      await utimes(join(project, changed), later, later);
      await run({ EXIT: '0' });
      expect(await askedOfNpm(), changed).toBe(expected);
      await rm(join(project, 'asked.txt'));
      await utimes(join(project, changed), new Date(0), new Date(0));
    }
  });

  it('says so when packages cannot be installed, and does not serve', async () => {
    const { code, output } = await run({ EXIT: '0', NPM_EXIT: '1' });
    expect(code).toBe(1);
    expect(output).toContain('Installing packages failed');
    expect(output).not.toContain('serving');
  });

  it('names the Node version it needs to one that is too old', async () => {
    await put(
      'old.cjs',
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } });",
    );
    const { code, output } = await run({}, ['--require', './old.cjs']);
    expect(code).toBe(1);
    expect(output).toContain('Node 20.18.3 is too old: version 20.19 or later is needed');
    expect(await askedOfNpm()).toBe('');
  });

  it('ends as the server ends, and ends the server when it is told to', async () => {
    await installAndBuild();
    expect((await run({ EXIT: '3' })).code).toBe(3);
    const child = start();
    const closed = once(child, 'close');
    if (!child.stdout) throw new Error('no output');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect((await closed)[0]).toBe(0);
  });
});
