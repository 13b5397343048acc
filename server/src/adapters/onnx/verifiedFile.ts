import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { whyUnreadable, type ByGraph, type FileFacts } from './cardParts.ts';
import { ModelProblem } from './loadedModel.ts';

/** @throws ModelProblem as {@link verifiedFile}. */
export async function verifiedFiles(folder: string, files: ByGraph<FileFacts>): Promise<ByGraph<string>> {
  const entries = Object.entries(files).map(
    async ([graph, file]) => [graph, await verifiedFile(folder, file)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * The full path of a file that a card names, once it is known to be that file. onnxruntime loads a bit-flipped file without a word:
 * length and hash are compared first. The content is not kept: onnxruntime reads it again and makes copies of its own, beside which
 * one more would only stand.
 * @throws ModelProblem if it is not there, or another one than the card says.
 */
async function verifiedFile(folder: string, { path, bytes, sha256 }: FileFacts): Promise<string> {
  const file = join(folder, path);
  const hash = createHash('sha256');
  try {
    const { size } = await stat(file);
    if (size !== bytes) throw new ModelProblem(`${path} has ${String(size)} bytes, its card says ${String(bytes)}.`);
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if (error instanceof ModelProblem) throw error;
    throw new ModelProblem(`The weights ${path} cannot be read${whyUnreadable(error)}.`);
  }
  const found = hash.digest('hex');
  if (found !== sha256) throw new ModelProblem(`${path} is corrupt: SHA-256 ${found}, its card says ${sha256}.`);
  return file;
}
