import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DocumentStore, JournalEntry } from './documentStore.ts';

const entry = (revision: number, body: unknown = { step: revision }): JournalEntry => ({
  revision,
  operationId: randomUUID(),
  author: 'author',
  at: '2026-01-02T03:04:05.678Z',
  body,
});

/**
 * What every DocumentStore has to do.
 * @param open - Opens the store; called again on the same place after a close.
 */
export function storeContract(open: () => Promise<DocumentStore>): void {
  let store: DocumentStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());
  const newSeries = () => `1.2.${String(Math.floor(Math.random() * 1e12))}`;

  it('[DS-1] knows nothing of a series that was never written', async () => {
    expect(await store.load(newSeries())).toEqual({ checkpoint: null, entries: [] });
  });

  it('[DS-2] gives back entries in the order of their revisions, field by field', async () => {
    const series = newSeries();
    const [one, two, three] = [
      entry(1),
      entry(2, { runs: [0, 5, 9, 2], text: 'Läsion "1" \u{1F9E0}' }),
      entry(3, null),
    ];
    await store.append(series, [one]);
    await store.append(series, [two, three]);
    expect(await store.load(series)).toEqual({ checkpoint: null, entries: [one, two, three] });
  });

  it('[DS-3] keeps series apart', async () => {
    const [a, b] = [newSeries(), newSeries()];
    await store.append(a, [entry(1)]);
    await store.append(b, [entry(1), entry(2)]);
    await store.checkpoint(b, 1, 'state of b');
    expect((await store.load(a)).entries).toHaveLength(1);
    expect((await store.load(a)).checkpoint).toBeNull();
  });

  it('[DS-4] replaces the checkpoint and drops the entries that it covers, no later ones', async () => {
    const series = newSeries();
    await store.append(series, [entry(1), entry(2), entry(3)]);
    await store.checkpoint(series, 1, { at: 1 });
    await store.checkpoint(series, 2, { at: 2, cells: [[1, 2]] });
    const { checkpoint, entries } = await store.load(series);
    expect(checkpoint).toEqual({ revision: 2, state: { at: 2, cells: [[1, 2]] } });
    expect(entries.map(({ revision }) => revision)).toEqual([3]);
  });

  it('[DS-5] refuses a revision that is there already, wholly', async () => {
    const series = newSeries();
    await store.append(series, [entry(1)]);
    await expect(store.append(series, [entry(2), entry(1)])).rejects.toMatchObject({ code: 'state-locked' });
    expect((await store.load(series)).entries.map(({ revision }) => revision)).toEqual([1]);
  });

  it('[DS-6] keeps a body of a million run lengths', async () => {
    const series = newSeries();
    const runs = Array.from({ length: 1_000_000 }, (_, n) => n * 3);
    await store.append(series, [entry(1, { runs })]);
    expect((await store.load(series)).entries[0]?.body).toEqual({ runs });
  });

  it('[DS-7] takes appends of several series at once', async () => {
    const many = Array.from({ length: 8 }, newSeries);
    await Promise.all(
      many.map(async (series) => {
        for (let revision = 1; revision <= 5; revision++) await store.append(series, [entry(revision)]);
        await store.checkpoint(series, 3, revision3);
      }),
    );
    for (const series of many) {
      const { checkpoint, entries } = await store.load(series);
      expect(checkpoint?.state).toEqual(revision3);
      expect(entries.map(({ revision }) => revision)).toEqual([4, 5]);
    }
  });

  it('[DS-11] loses nothing to a server that knows less: what is dropped stays taken, and a later checkpoint stays', async () => {
    const series = newSeries();
    await store.append(series, [entry(1), entry(2), entry(3)]);
    await store.checkpoint(series, 3, { at: 3 });
    await expect(store.append(series, [entry(2)])).rejects.toMatchObject({ code: 'state-locked' });
    await store.checkpoint(series, 1, { at: 1 });
    const last = entry(4);
    await store.append(series, [last]);
    expect(await store.load(series)).toEqual({ checkpoint: { revision: 3, state: { at: 3 } }, entries: [last] });
  });

  it('[DS-8] still holds everything after it was closed and opened', async () => {
    const series = newSeries();
    const kept = [entry(1), entry(2)];
    await store.append(series, kept);
    await store.close();
    store = await open();
    expect((await store.load(series)).entries).toEqual(kept);
  });
}

const revision3 = { revision: 3 };
