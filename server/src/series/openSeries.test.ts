import { frameKeyOf, LIMITS, type SeriesFrame, type SeriesOpen } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { imagesAround, joinSeries } from './openSeries.ts';
import { SeriesRegistry } from './seriesRegistry.ts';

const frame = (n: number, z: number, over: Partial<SeriesFrame> = {}): SeriesFrame => ({
  sopInstanceUid: `1.2.${String(n)}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: 4,
  columns: 6,
  position: [0, 0, z],
  orientation: [1, 0, 0, 0, 1, 0],
  pixelSpacing: [1, 1],
  ...over,
});
const opened = (frames: SeriesFrame[], over: Partial<SeriesOpen> = {}): SeriesOpen => ({
  studyUid: '1.1',
  seriesUid: '1.1.1',
  modality: 'CT',
  frames,
  ...over,
});

describe('joinSeries', () => {
  it('orders frames by geometry, not as announced', () => {
    const series = joinSeries(undefined, opened([frame(1, 9), frame(2, -3), frame(3, 4)]));
    expect(series.frames.map(frameKeyOf)).toEqual(['1.2.2/1', '1.2.3/1', '1.2.1/1']);
  });

  it('joins the stacks that a viewer splits one series into', () => {
    const upper = joinSeries(undefined, opened([frame(1, 5), frame(2, 6)]));
    const both = joinSeries(upper, opened([frame(3, 1), frame(2, 6)]));
    expect(both.frames.map(frameKeyOf)).toEqual(['1.2.3/1', '1.2.1/1', '1.2.2/1']);
  });

  it('keeps the order of frames at one position when some of them are announced again', () => {
    const phases = joinSeries(undefined, opened([frame(1, 0), frame(2, 0), frame(3, 0)]));
    const again = joinSeries(phases, opened([frame(2, 0, { sliceThicknessMm: 3 }), frame(1, 0), frame(4, 0)]));
    expect(again.frames.map(frameKeyOf)).toEqual(['1.2.1/1', '1.2.2/1', '1.2.3/1', '1.2.4/1']);
    expect(again.frames[1]?.sliceThicknessMm).toBe(3);
  });

  it('keeps images of each size apart: planes across them are those of the most', () => {
    const scout = frame(9, 0, { rows: 5, orientation: [1, 0, 0, 0, 0, -1] });
    const known = joinSeries(undefined, opened([scout, frame(1, 2)]));
    const series = joinSeries(known, opened([frame(2, 1), frame(3, 0)]));
    expect(series.frames.map(frameKeyOf)).toEqual(['1.2.9/1', '1.2.3/1', '1.2.2/1', '1.2.1/1']);
    const [own, stack] = [
      { rows: 5, frameKeys: ['1.2.9/1'] },
      { rows: 4, isStack: true },
    ];
    expect(imagesAround(series, { axis: 'k', frame: '1.2.9/1' })).toMatchObject(own);
    expect(imagesAround(series, { axis: 'k', frame: '1.2.2/1' })).toMatchObject(stack);
    expect(imagesAround(series, { axis: 'i', index: 2 })).toMatchObject(stack);
  });

  it('refuses another size of an image that is known', () => {
    const known = joinSeries(undefined, opened([frame(1, 0)]));
    expect(() => joinSeries(known, opened([frame(1, 0, { rows: 5 })]))).toThrow(/was 6 x 4 .* is 6 x 5/);
  });

  it.each([['one frame twice', opened([frame(1, 0), frame(1, 1)]), 'twice']])(
    'refuses %s and says what is wrong',
    (_what, message, text) => {
      expect(() => joinSeries(undefined, message)).toThrow(expect.objectContaining({ code: 'series-mixed' }));
      expect(() => joinSeries(undefined, message)).toThrow(text);
    },
  );

  it('refuses more images than a series may have, also when they come in parts', () => {
    const many = (from: number) =>
      opened(Array.from({ length: LIMITS.framesPerSeries / 2 + 1 }, (_, n) => frame(from + n, from + n)));
    const half = joinSeries(undefined, many(0));
    expect(() => joinSeries(half, many(LIMITS.framesPerSeries))).toThrow(/20000 images/);
  });

  it('knows images of several directions', () => {
    const sagittal = frame(2, 1, { orientation: [0, 1, 0, 0, 0, -1] });
    expect(joinSeries(undefined, opened([frame(1, 0), frame(3, 1)])).bySize).toMatchObject([{ isStack: true }]);
    expect(joinSeries(undefined, opened([frame(1, 0), sagittal])).bySize).toMatchObject([{ isStack: false }]);
  });

  it('refuses a series that claims to belong to another study', () => {
    const known = joinSeries(undefined, opened([frame(1, 0)]));
    expect(() => joinSeries(known, opened([frame(1, 0)], { studyUid: '9.9' }))).toThrow(/another study/);
  });
});

describe('SeriesRegistry', () => {
  it('knows only what was opened', () => {
    const registry = new SeriesRegistry();
    expect(() => registry.get('1.1.1')).toThrow(expect.objectContaining({ code: 'series-unknown' }));
    registry.open(opened([frame(1, 0)]), 'page');
    expect(registry.around('1.1.1', undefined).columns).toBe(6);
  });

  it('keeps a series as long as one page has it open, however many others are opened', () => {
    const registry = new SeriesRegistry(3);
    const other = opened([frame(3, 0), frame(4, 1)], { seriesUid: '1.1.2' });
    for (const page of ['a', 'b']) registry.open(opened([frame(1, 0), frame(2, 1)]), page);
    expect(() => registry.open(other, 'c')).toThrow(expect.objectContaining({ code: 'engine-busy' }));
    registry.close('1.1.1', 'a');
    expect(registry.get('1.1.1').frames).toHaveLength(2);
    registry.close('1.1.1', 'b');
    expect(() => registry.get('1.1.1')).toThrow(expect.objectContaining({ code: 'series-unknown' }));
    expect(registry.open(other, 'c').frames).toHaveLength(2);
  });
});
