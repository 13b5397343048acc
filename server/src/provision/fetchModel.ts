import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { download, type DownloadPorts } from './download.ts';
import { fileHash } from './fileHash.ts';
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
 * Downloads a model's published weights, once, after its terms were accepted.
 * @throws AppError as {@link download}, and `terms-not-accepted`
 */
export async function fetchModel(model: PublishedModel, ports: FetchPorts): Promise<Fetched> {
  const { folders, mirror, askConsent } = ports;
  const file = join(downloadsOf(folders), model.file);
  if (await isThere(file)) return { file, sha256: (await fileHash(file)).sha256 };
  // Who has begun has accepted.
  if (!(await isThere(`${file}.part`))) await askConsent(termsOfPublished(model));
  const { bytes, megabytes, sha256, md5 } = model;
  const mayBeHttp = mirror !== undefined;
  const source = { address: addressOf(model, mirror), mayBeHttp, bytes, megabytes, sha256, md5 };
  return changeModels(folders.installed, async () => ({ file, sha256: await download(source, file, ports) }));
}

const addressOf = ({ id, file, address }: PublishedModel, mirror: string | undefined): string =>
  mirror === undefined ? address : `${mirror.replace(/\/+$/, '')}/${id}/${file}`;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
