import { encodeRuns } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { correctingClick } from './correctingClick.ts';

/** Rows of `.` (nothing), `t` (truth alone: missed), `m` (mask alone: too much), `b` (both). */
const clickOn = (...drawn: readonly string[]) => {
  const pixels = [...drawn.join('')];
  const maskOf = (own: string) =>
    encodeRuns(Uint8Array.from(pixels, (pixel) => (pixel === own || pixel === 'b' ? 1 : 0)));
  const mask = maskOf('m');
  const click = correctingClick(mask, maskOf('t'), { columns: drawn[0]?.length ?? 0, rows: drawn.length });
  if (click) expect(click.mask).toEqual(mask);
  return click && { inside: click.inside, outside: click.outside };
};

it('is in the middle of the largest part that is missed', () => {
  const click = clickOn('t........', '...ttttt.', 'mm.ttttt.', 'mm.ttttt.', '.......bb');
  expect(click).toEqual({ inside: [[5, 2]], outside: [] });
});

it('is beside the object where more is too much than is missed, and as much as one part of it', () => {
  expect(clickOn('.mmm.', '.mmm.', 'bmmm.', 'tt.tt', 'tt.tt')).toEqual({ inside: [], outside: [[2, 1]] });
});

it('keeps off the border of the image, on which a part may lie', () => {
  expect(clickOn('ttt.', 'ttt.', 'ttt.', 'ttt.')).toEqual({ inside: [[1, 2]], outside: [] });
});

it('does not take what touches at a corner for one part, nor the next line for a neighbour', () => {
  expect(clickOn('.mmm.', 't...t', 't...t', '.t.t.')?.outside).toEqual([[2, 0]]);
  expect(clickOn('....m', 't....', '.tt..')?.inside).toEqual([[2, 2]]);
});

it('is none where nothing is wrong', () => {
  expect(clickOn('.bb.', '.bb.')).toBeUndefined();
});
