import { expect, it } from 'vitest';
import { Batches } from './batches.ts';
import type { Inputs } from './tensors.ts';

const rowOf = (...values: number[]): Inputs => ({ x: { data: Float32Array.from(values), shape: [1, values.length] } });

/** What doubles its input, and notes the shapes that it was run with. */
function doubling(most: number) {
  const shapes: string[] = [];
  const batches = new Batches(async ({ x }) => {
    if (!x) throw new Error('no input');
    shapes.push(x.shape.join(' x '));
    if (x.data.includes(-1)) throw new Error('negative');
    return Promise.resolve({ y: x.data.map((value) => 2 * value) });
  }, most);
  return { batches, shapes };
}

it('what is asked for in the same moment is one run, of so many at most, and each gets its own', async () => {
  const { batches, shapes } = doubling(4);
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(async (n) => batches.run(rowOf(n, 10 * n))));
  expect(answers.map(({ y }) => [...(y ?? [])])).toEqual([1, 2, 3, 4, 5, 6].map((n) => [2 * n, 20 * n]));
  expect(shapes).toEqual(['4 x 2', '2 x 2']);
  // Kept for long, as embeddings are: none may hold the memory of the others.
  for (const { y } of answers) expect(y?.buffer.byteLength).toBe(8);
});

it('what has another shape, or comes later, is another run', async () => {
  const { batches, shapes } = doubling(4);
  await Promise.all([batches.run(rowOf(1)), batches.run(rowOf(1, 2)), batches.run(rowOf(3))]);
  await batches.run(rowOf(4));
  expect(shapes).toEqual(['2 x 1', '1 x 2', '1 x 1']);
});

it('takes no input of several rows, which could not be told apart afterwards', () => {
  const { batches } = doubling(4);
  expect(batches.canTake(rowOf(1, 2))).toBe(true);
  expect(batches.canTake({ ...rowOf(1), z: { data: new Float32Array(2), shape: [2, 1] } })).toBe(false);
});

it('a run that fails fails all who took part, and no other', async () => {
  const { batches } = doubling(2);
  const ends = await Promise.allSettled([1, -1, 3].map(async (n) => batches.run(rowOf(n))));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});
