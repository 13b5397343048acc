import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whyUnreadable, type ByGraph, type FileFacts } from './cardParts.ts';
import { ModelProblem } from './loadedModel.ts';

/** @throws ModelProblem as {@link verifiedFile}. */
export async function verifiedFiles(folder: string, files: ByGraph<FileFacts>): Promise<ByGraph<Uint8Array>> {
  const entries = Object.entries(files).map(
    async ([graph, file]) => [graph, await verifiedFile(folder, file)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Reads a file that a card names. onnxruntime loads a bit-flipped file without a word: length and hash are compared first.
 * @throws ModelProblem if it is not there, or another one than the card says.
 */
async function verifiedFile(folder: string, { path, bytes, sha256 }: FileFacts): Promise<Uint8Array> {
  const content = await readFile(join(folder, path)).catch((error: unknown) => {
    throw new ModelProblem(`The weights ${path} cannot be read${whyUnreadable(error)}.`);
  });
  if (content.byteLength !== bytes)
    throw new ModelProblem(`${path} has ${String(content.byteLength)} bytes, its card says ${String(bytes)}.`);
  const hash = createHash('sha256').update(content).digest('hex');
  if (hash !== sha256) throw new ModelProblem(`${path} is corrupt: SHA-256 ${hash}, its card says ${sha256}.`);
  return content;
}
