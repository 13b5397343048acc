import { expect, it } from 'vitest';
import { INITIAL_STATE, type SessionState } from './state.ts';
import { ownWindow, windowInWords, windowNow } from './windows.ts';

const USED = { center: 812, width: 1600, label: 'Automatic' };
const view = (window: typeof USED) =>
  ({ columns: 1, rows: 1, components: 1, pixels: new Uint8Array(1), window }) as const;
const seen = (modality: string, over: Partial<SessionState>, bodyPart?: string): SessionState => ({
  ...INITIAL_STATE,
  series: { studyUid: '1.2', seriesUid: '1.3', modality, frames: [], ...(bodyPart ? { bodyPart } : {}) },
  ...over,
});

it('[WN1] is that of the anatomy for CT, and the one chosen where one was', () => {
  expect(windowNow(seen('CT', {}, 'HEAD'))).toMatchObject({ label: 'Brain', center: 40, width: 80 });
  expect(windowNow(seen('CT', { window: { kind: 'preset', id: 'lung' } }))).toMatchObject({
    center: -600,
    width: 1500,
  });
  expect(windowNow(seen('MR', { window: { kind: 'level', center: -3, width: 9 } }))).toMatchObject({
    center: -3,
    width: 9,
  });
});

it('[WN2] is the last one that the server made of the pixels for others; not one for CT', () => {
  expect(windowNow(seen('MR', {}))).toBeUndefined();
  expect(windowNow(seen('MR', { modelView: view(USED) }))).toEqual(USED);
});

it.each([
  ['an ADC map in mm²/s', { center: 0.00123456, width: 0.0021 }, { center: 0.001235, width: 0.0021 }],
  ['SUV', { center: 2.49951, width: 5.0001 }, { center: 2.5, width: 5 }],
  ['CT', { center: -600, width: 1500 }, { center: -600, width: 1500 }],
])('[WN3] keeps four digits, as one of one’s own and in words: of %s', (_, exact, kept) => {
  const used = { ...exact, label: 'Automatic' };
  expect(ownWindow(used)).toEqual({ kind: 'level', ...kept });
  expect(windowInWords(used)).toBe(`Automatic, width ${String(kept.width)}, level ${String(kept.center)}`);
});
