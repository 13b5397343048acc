import { rename, rm, readFile, stat, writeFile, open } from 'node:fs/promises';
import { z } from 'zod';

const noteSchema = z.object({ address: z.string(), validator: z.string() });

/**
 * The beginning of a download beside its final name, and a note which version of which file it is the beginning of: only
 * that one can be continued.
 */
export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #note: string;

  /** @param target - Where the whole file will be. */
  constructor(target: string) {
    this.#target = target;
    this.path = `${target}.part`;
    this.#note = `${target}.part.json`;
  }

  async bytes(): Promise<number> {
    return stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** ETag or date of the version that it is a part of; undefined if that is not known, so that it cannot be continued. */
  async validatorFor(address: string): Promise<string | undefined> {
    try {
      const note = noteSchema.parse(JSON.parse(await readFile(this.#note, 'utf8')));
      return note.address === address ? note.validator : undefined;
    } catch {
      return undefined;
    }
  }

  /** Begins from nothing. */
  async begin(address: string, validator: string | undefined): Promise<void> {
    await this.remove();
    if (validator !== undefined) await writeFile(this.#note, JSON.stringify({ address, validator }));
  }

  /** Gives the whole file its name; on the disk, not only in memory. */
  async finish(): Promise<void> {
    const file = await open(this.path, 'r+');
    await file.sync().finally(() => file.close());
    await rename(this.path, this.#target);
    await rm(this.#note, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#note, { force: true });
    await rm(this.path, { force: true });
  }
}
