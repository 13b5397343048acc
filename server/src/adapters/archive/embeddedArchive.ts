import { readFile } from 'node:fs/promises';
import { AppError } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, InstanceName, SeriesName, StoreOutcome } from '../../ports/archive.ts';
import { textOf } from '../../ports/dicomJson.ts';
import { FAILURE, failureText } from '../dicomweb/failureReasons.ts';
import type { Level } from './attributes.ts';
import { Catalog, type Scope } from './catalog.ts';
import { describeFile, InstanceFiles, nameOf, type InstanceRecord } from './instanceFiles.ts';
import type { Query } from './matching.ts';

/** A study, a series or an instance. */
export interface Target {
  readonly studyUid: string;
  readonly seriesUid?: string | undefined;
  readonly sopInstanceUid?: string | undefined;
}

/** Records read at once while a series is described or the archive opens. */
const AT_ONCE = 32;

const EVERYTHING: Query = { keys: [], fuzzy: false, limit: Infinity, offset: 0 };

/**
 * A small archive on files, for demonstration and development: no users, no deletion, no DIMSE, one process. Objects are
 * never overwritten. A hospital's archive is reached over DICOMweb instead.
 */
export class EmbeddedArchive implements Archive {
  readonly #files: InstanceFiles;
  readonly #catalog = new Catalog();
  /** Files found at start that are not (any more) readable DICOM. */
  readonly unreadable: InstanceName[] = [];
  #lastStore: Promise<unknown> = Promise.resolve();

  private constructor(files: InstanceFiles) {
    this.#files = files;
  }

  /** Opens a folder, which need not exist, and reads what is in it. */
  static async open(folder: string): Promise<EmbeddedArchive> {
    const archive = new EmbeddedArchive(new InstanceFiles(folder));
    const names: InstanceName[] = [];
    for await (const name of archive.#files.names()) names.push(name);
    await inBatches(names, (name) => archive.#catalogue(name));
    return archive;
  }

  async #catalogue(name: InstanceName): Promise<void> {
    try {
      this.#catalog.add(name, (await this.#files.record(name)).header);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.unreadable.push(name);
    }
  }

  searchSeries(studyUid: string): Promise<readonly DicomJson[]> {
    return Promise.resolve(this.search('series', { studyUid }, EVERYTHING));
  }

  async seriesMetadata({ studyUid, seriesUid }: SeriesName): Promise<readonly DicomJson[]> {
    return (await this.records({ studyUid, seriesUid })).map(({ header }) => header);
  }

  async instance(name: InstanceName): Promise<Uint8Array> {
    return readFile(this.path(name));
  }

  async store(studyUid: string, files: readonly Uint8Array[]): Promise<readonly StoreOutcome[]> {
    const outcomes: StoreOutcome[] = [];
    for (const file of files) outcomes.push((await this.storeOne(file, studyUid)).outcome);
    return outcomes;
  }

  /**
   * Stores one file, after those before it: the same object twice is one object, another object of the same name is refused.
   * @param studyUid - Where given, the study that the object must belong to.
   */
  storeOne(
    file: Uint8Array,
    studyUid?: string,
  ): Promise<{ outcome: StoreOutcome; name?: InstanceName; sopClassUid?: string }> {
    const stored = this.#lastStore.then(() => this.#storeOne(file, studyUid));
    this.#lastStore = stored.catch(() => undefined);
    return stored;
  }

  async #storeOne(file: Uint8Array, studyUid?: string): ReturnType<EmbeddedArchive['storeOne']> {
    let name: InstanceName | undefined;
    let record: InstanceRecord;
    try {
      record = describeFile(file);
      name = nameOf(record.header);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { outcome: { ...refusal('', FAILURE.cannotUnderstand), reason: error.message } };
    }
    const sopClassUid = textOf(record.header, '00080016') ?? '';
    const described = { name, sopClassUid };
    const refused = (code: number) => ({ outcome: refusal(name.sopInstanceUid, code), ...described });
    if (studyUid !== undefined && studyUid !== name.studyUid) return refused(FAILURE.datasetMismatch);
    const existing = this.#catalog.find(name.sopInstanceUid);
    if (existing) {
      if (!(await readFile(this.path(existing))).equals(file)) return refused(FAILURE.duplicateInstance);
    } else {
      try {
        await this.#files.write(name, file, record);
      } catch (error) {
        return refused(cannotWrite(error) ? FAILURE.outOfResources : FAILURE.processingFailure);
      }
      this.#catalog.add(name, record.header);
    }
    return { outcome: { sopInstanceUid: name.sopInstanceUid, stored: true }, ...described };
  }

  search(level: Level, scope: Scope, query: Query): DicomJson[] {
    return this.#catalog.search(level, scope, query);
  }

  /**
   * Names of the instances of a study, a series or one instance, by series and instance number.
   * @throws AppError `not-found`
   */
  names(of: Target): InstanceName[] {
    const one = of.sopInstanceUid === undefined ? undefined : this.#catalog.find(of.sopInstanceUid);
    const isThere = one?.studyUid === of.studyUid && one.seriesUid === of.seriesUid;
    const names = of.sopInstanceUid === undefined ? this.#catalog.names(of) : isThere ? [one] : [];
    if (names.length === 0) throw new AppError('not-found');
    return names;
  }

  /** @throws AppError `not-found` */
  records(of: Target): Promise<InstanceRecord[]> {
    return inBatches(this.names(of), (name) => this.#files.record(name));
  }

  /** @throws AppError `not-found` */
  path(name: InstanceName): string {
    const [found] = this.names(name);
    return this.#files.path(found ?? name);
  }
}

const refusal = (sopInstanceUid: string, code: number) =>
  ({ sopInstanceUid, stored: false, reasonCode: code, reason: failureText(code) }) as const;

/**
 * A disk that is full, read-only, broken, or someone else's: not the object's fault, and storing it again may work. ENOENT
 * is what Node says when it makes folders on a read-only disk.
 */
const DISK_ERRORS: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT'];
const cannotWrite = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && DISK_ERRORS.includes(error.code);

async function inBatches<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(run))));
  return results;
}
