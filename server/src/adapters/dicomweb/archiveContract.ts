import { expect, it } from 'vitest';
import type { Archive } from '../../ports/archive.ts';
import { numberOf, numbersOf, textOf } from '../../ports/dicomJson.ts';
import { newUid, tinySeries } from './fixtures.ts';

/** What every adapter of the Archive port has to do; `archive` opens one, which may hold other studies. */
export function archiveContract(archive: () => Archive): void {
  it('[AR1] gives back a stored file byte for byte', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    expect(await archive().store(file.name.studyUid, [file.bytes])).toMatchObject([{ stored: true }]);
    expect(Buffer.compare(await archive().instance(file.name), file.bytes)).toBe(0);
  });

  it('[AR2] describes every instance of a series: numbers as numbers, names with their letters, no pixels', async () => {
    const files = tinySeries(3);
    const name = files[0]?.name ?? { studyUid: '', seriesUid: '' };
    await archive().store(
      name.studyUid,
      files.map(({ bytes }) => bytes),
    );
    const headers = await archive().seriesMetadata(name);
    const uids = headers.map((header) => textOf(header, '00080018'));
    expect(uids.sort()).toEqual(files.map((file) => file.name.sopInstanceUid).sort());
    for (const header of headers) {
      expect(numbersOf(header, '00280030')).toEqual([0.75, 0.75]);
      expect(numberOf(header, '00200011')).toBe(3);
      expect(header['00100010']?.Value).toMatchObject([{ Alphabetic: 'Grün^Zoë' }]);
      expect(header['7FE00010']?.InlineBinary).toBeUndefined();
    }
  });

  it('[AR3] finds the series of a study, and nothing where there is no such study', async () => {
    const studyUid = newUid();
    const [first, second] = [
      tinySeries(2, {}, studyUid),
      tinySeries(1, { '0008103E': { vr: 'LO', Value: ['Other'] } }, studyUid),
    ];
    await archive().store(
      studyUid,
      [...first, ...second].map(({ bytes }) => bytes),
    );
    const found = await archive().searchSeries(studyUid);
    expect(found.map((series) => textOf(series, '0020000E')).sort()).toEqual(
      [first, second].map(([file]) => file?.name.seriesUid).sort(),
    );
    expect(found.map((series) => textOf(series, '0008103E')).sort()).toEqual(['Other', 'Tiny']);
    expect(found.every((series) => textOf(series, '00080060') === 'CT' && numberOf(series, '00200011') === 3)).toBe(
      true,
    );
    expect(await archive().searchSeries(newUid())).toEqual([]);
  });

  it('[AR4] takes the same file again, as after a lost answer, and keeps one', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    for (const attempt of [1, 2])
      expect(await archive().store(file.name.studyUid, [file.bytes]), `attempt ${String(attempt)}`).toMatchObject([
        { stored: true },
      ]);
    expect(await archive().seriesMetadata(file.name)).toHaveLength(1);
  });

  it('[AR5] says of each file what became of it, in their order', async () => {
    const [good, alsoGood] = tinySeries(2);
    const [stranger] = tinySeries(1);
    if (!good || !alsoGood || !stranger) throw new Error('no file');
    const outcomes = await archive().store(good.name.studyUid, [good.bytes, stranger.bytes, alsoGood.bytes]);
    expect(outcomes).toMatchObject([
      { sopInstanceUid: good.name.sopInstanceUid, stored: true },
      { sopInstanceUid: stranger.name.sopInstanceUid, stored: false, reason: expect.any(String) as string },
      { sopInstanceUid: alsoGood.name.sopInstanceUid, stored: true },
    ]);
    expect(await archive().seriesMetadata(good.name)).toHaveLength(2);
    await expect(archive().instance(stranger.name)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('[AR6] answers not-found for what it does not have', async () => {
    const name = { studyUid: newUid(), seriesUid: newUid(), sopInstanceUid: newUid() };
    await expect(archive().seriesMetadata(name)).rejects.toMatchObject({ code: 'not-found' });
    await expect(archive().instance(name)).rejects.toMatchObject({ code: 'not-found' });
  });
}
