import { copyFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import { problemsOf, type CheckModel } from './checkFiles.ts';
import { ensureSpace } from './disk.ts';
import { fileHash } from './fileHash.ts';
import { filesOf, goodCards, withPaths, type BadCard, type CardedFile, type CardInFolder } from './modelCard.ts';
import { changeModels, type ModelFolders } from './modelFolders.ts';
import { removeCards, removeUnnamed } from './removeModel.ts';
import { termsOfCard, type AskConsent } from './terms.ts';

export interface AddPorts {
  readonly folders: ModelFolders;
  readonly checkModel: CheckModel;
  readonly askConsent: AskConsent;
}

/**
 * Checks a model where it lies and copies it into the folder of installed models; one of the same id is replaced. The card
 * comes last and in one step, and weights are named by their hash: a server sees the old model or the new one, whole.
 * @throws AppError `model-refused` naming all that is wrong, `terms-not-accepted`, `state-unwritable`, `input-invalid`
 */
export async function addModel(read: CardInFolder | BadCard, ports: AddPorts): Promise<CardInFolder> {
  const { folders, checkModel, askConsent } = ports;
  const problems = await problemsOf(read, checkModel);
  if ('problem' in read || problems.length > 0) throw new AppError('model-refused', problems.join('\n'));
  const { id } = read.card;
  if ((await goodCards(folders.embedded, id)).length > 0)
    throw new AppError('input-invalid', `${id} lies in the project's own models folder already.`);
  await askConsent(termsOfCard(read.card));
  return changeModels(folders.installed, () => copyModel(read, folders.installed));
}

async function copyModel({ folder, card, raw }: CardInFolder, installed: string): Promise<CardInFolder> {
  const before = await goodCards(installed, card.id);
  const pathOf = ({ sha256 }: CardedFile) => `weights/${card.id}/${sha256}.onnx`;
  const missing: CardedFile[] = [];
  for (const file of filesOf(card)) if (!(await isThere(join(installed, pathOf(file)), file))) missing.push(file);
  await ensureSpace(
    installed,
    missing.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  await mkdir(join(installed, 'weights', card.id), { recursive: true });
  for (const file of missing)
    await putWhole(join(installed, pathOf(file)), async (part) => {
      await copyFile(join(folder, file.path), part);
      if (!(await isThere(part, file)))
        throw new AppError('model-refused', `${file.path} changed while it was copied.`);
    });
  const files = withPaths(card.files, pathOf);
  const cardFile = `${card.id}.json`;
  await putWhole(join(installed, 'cards', cardFile), (part) =>
    writeFile(part, `${JSON.stringify({ ...raw, files }, null, 2)}\n`),
  );
  await removeCards(before.filter(({ file }) => file !== cardFile));
  await removeUnnamed(installed, card.id, before);
  return { folder: installed, file: cardFile, card: { ...card, files }, raw };
}

async function isThere(path: string, { bytes, sha256 }: CardedFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === bytes && (await fileHash(path)).sha256 === sha256;
}

/** `write` fills a file beside `path`, which takes its place when it is whole and on the disk. */
async function putWhole(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  try {
    await write(part);
    const file = await open(part, 'r+');
    await file.sync().finally(() => file.close());
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
