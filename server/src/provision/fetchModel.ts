import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import { checkDownloaded, download, type DownloadPorts, type Source } from './download.ts';
import { changeModels, downloadsOf, type ModelFolders } from './modelFolders.ts';
import type { PublishedModel } from './publishedModel.ts';
import { termsOfPublished, type AskConsent } from './terms.ts';

export interface FetchPorts extends DownloadPorts {
  readonly folders: ModelFolders;
  /** Base address of a copy within the house, holding `<id>/<file>`; may be http. */
  readonly mirror: string | undefined;
  readonly askConsent: AskConsent;
}

export interface Fetched {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Downloads a model's published weights, once, after its terms were accepted. What lies there and is not them is deleted.
 * @throws AppError as {@link download}, and `terms-not-accepted`
 */
export async function fetchModel(model: PublishedModel, ports: FetchPorts): Promise<Fetched> {
  const { folders, mirror, askConsent } = ports;
  const file = join(downloadsOf(folders), model.file);
  const { bytes, megabytes, sha256, md5 } = model;
  const mayBeHttp = mirror !== undefined;
  const source = { address: addressOf(model, mirror), mayBeHttp, bytes, megabytes, sha256, md5 };
  const found = await checkedIfThere(source, file);
  if (found !== undefined) return { file, sha256: found };
  // Who has begun has accepted.
  if (!(await isThere(`${file}.part`))) await askConsent(termsOfPublished(model));
  return changeModels(folders.installed, async () => ({ file, sha256: await download(source, file, ports) }));
}

/** @returns Undefined where there is no such file, or no longer. */
async function checkedIfThere(source: Source, file: string): Promise<string | undefined> {
  if (!(await isThere(file))) return undefined;
  try {
    return await checkDownloaded(source, file);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await rm(file);
    return undefined;
  }
}

const addressOf = ({ id, file, address }: PublishedModel, mirror: string | undefined): string =>
  mirror === undefined ? address : `${mirror.replace(/\/+$/, '')}/${id}/${file}`;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
