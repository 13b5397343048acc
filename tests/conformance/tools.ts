import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe } from 'vitest';

/** Programs and data that only a developer's or the CI machine has. */
export interface Tool {
  readonly missing: string | undefined;
}

/** @param look - Says what is missing; done once, and only where a suite needs the tool. */
function tool(look: () => string | undefined): Tool {
  let found: Tool | undefined;
  return {
    get missing() {
      found ??= { missing: look() };
      return found.missing;
    },
  };
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Real series, not part of the repository. */
export const SHARED_DATA = process.env['MEDSAM_SHARED_DATA'] ?? `${repository}/../shared/data`;
export const sharedData = tool(() =>
  existsSync(`${SHARED_DATA}/dicom`) ? undefined : `no real series at ${SHARED_DATA} (set MEDSAM_SHARED_DATA)`,
);

const PYTHON = process.env['MEDSAM_PYTHON'] ?? 'python3';
export const python = tool(() =>
  spawnSync(PYTHON, ['-c', 'import pydicom, highdicom, pylibjpeg']).status === 0
    ? undefined
    : `${PYTHON} cannot import pydicom, highdicom and pylibjpeg (pip install them, or set MEDSAM_PYTHON)`,
);

export const dicom3tools = tool(() =>
  spawnSync('dciodvfy', ['-version']).error ? 'dciodvfy is not installed (apt-get install dicom3tools)' : undefined,
);

/**
 * A suite that needs more than npm packages: skipped where something is missing, and says what; with CI=true nothing may
 * be missing.
 */
export function describeWith(tools: readonly Tool[], name: string, suite: () => void): void {
  const missing = tools.flatMap((tool) => tool.missing ?? []);
  if (missing.length === 0) return void describe(name, suite);
  if (process.env['CI'] === 'true') throw new Error(`${name}: ${missing.join('; ')}`);
  describe.skip(`${name} [${missing.join('; ')}]`, suite);
}

/** What a validator of dicom3tools complains of; it writes everything to stderr. */
export const complaints = (program: string, files: readonly string[]): Promise<string[]> =>
  new Promise((resolve) => {
    execFile(program, [...files], (_, stdout, stderr) => {
      resolve(`${stdout}\n${stderr}`.split('\n').filter((line) => /^(Error|Warning)/.test(line)));
    });
  });

const run = promisify(execFile);

/** Runs one of the scripts in python/. @returns What it printed. */
export async function runPython(script: string, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`python/${script}`, import.meta.url));
  const { stdout } = await run(PYTHON, [path, ...args], { maxBuffer: 64 * 1024 ** 2 });
  return stdout;
}
