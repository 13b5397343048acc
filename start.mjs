/**
 * `npm start`: makes a fresh clone run and a running one start fast. Installs and builds only what is missing or older than
 * its sources, then becomes the server. Plain Node without packages: none may be installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
/** The server runs from its TypeScript sources: it needs tsx and the rest also where NODE_ENV says production. */
const INSTALL = ['ci', '--include=dev'];
const ROOT = fileURLToPath(new URL('.', import.meta.url));

requireNode();
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) npm('Installing packages', ...INSTALL);
if (isExtensionStale()) npm('Building the viewer extension', 'run', 'build');
runServer();

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(
    `Node ${process.versions.node} is too old: version ${OLDEST_NODE.join('.')} or later is needed (https://nodejs.org).`,
  );
}

/** The bundle holds the protocol too: a viewer built from an older one would be refused by the server. */
function isExtensionStale() {
  const built = Math.min(modified('extension/dist/index.umd.js'), modified('extension/dist/host.js'));
  const sources = [
    'extension/src',
    'protocol/src',
    'extension/package.json',
    'extension/vite.config.js',
    'package-lock.json',
  ];
  return sources.some((source) => newest(source) > built);
}

/** Milliseconds; 0 for what is not there, which is older than anything. */
function modified(path) {
  return existsSync(join(ROOT, path)) ? statSync(join(ROOT, path)).mtimeMs : 0;
}

function newest(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return modified(path);
  return Math.max(...readdirSync(join(ROOT, path)).map((name) => newest(join(path, name))));
}

function npm(what, ...args) {
  console.log(`${what} (npm ${args.join(' ')}) ...`);
  const isWindows = process.platform === 'win32';
  const { status } = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, { cwd: ROOT, stdio: 'inherit', shell: isWindows });
  if (status !== 0) fail(`${what} failed: see the messages above. Is the network reachable?`);
}

function runServer() {
  const server = spawn(process.execPath, ['--import', 'tsx', join('server', 'src', 'main.ts')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to the server as well; a process supervisor signals this process only.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  server.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
