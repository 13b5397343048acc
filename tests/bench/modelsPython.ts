import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = fileURLToPath(new URL('../../models/python', import.meta.url));
const run = promisify(execFile);

/**
 * Runs `python -m medsam_models ...args`. @returns What it printed.
 * @param python - A name that is looked for, or a path, from the folder where the command was given.
 */
export async function modelsPython(python: string, ...args: string[]): Promise<string> {
  return (await run(python.includes('/') ? resolve(python) : python, ['-m', 'medsam_models', ...args], { cwd: FOLDER }))
    .stdout;
}

/** Exports a published model with weights that nobody trained into `folder`. @returns The file of weights. */
export async function exportRandom(python: string, model: string, folder: string): Promise<string> {
  const weights = join(folder, 'weights.pth');
  await modelsPython(python, 'random-weights', '--model', model, '--out', weights);
  await modelsPython(python, 'export', '--model', model, '--weights', weights, '--out', folder);
  return weights;
}
