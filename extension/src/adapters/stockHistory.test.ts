import { utilities } from '@cornerstonejs/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { segmentationIdOf } from '../id.ts';
import { createStepOrder } from '../session/stepOrder.ts';
import { createStore } from '../session/store.ts';
import { dropStrokes, stockHistory } from './stockHistory.ts';

const OURS = segmentationIdOf('1.2');
const history = utilities.HistoryMemo.DefaultHistoryMemo;

describe("the viewer's own history", () => {
  let done: string[];
  const memo = (name: string, segmentationId?: string) => ({
    ...(segmentationId === undefined ? {} : { segmentationId }),
    restoreMemo: (undo?: boolean) => void done.push(`${undo ? 'undo' : 'redo'} ${name}`),
  });

  beforeEach(() => {
    done = [];
    history.size = 50;
  });

  it('[SH1] loses a stroke that became a step of the document, and neither takes it back nor does it again', () => {
    history.push(memo('length'));
    history.push(memo('stroke', OURS));
    dropStrokes();
    expect(done).toEqual([]);
    history.redo();
    history.undo();
    expect(done).toEqual([]);
    history.undo();
    expect(done).toEqual(['undo length']);
  });

  it('[SH2] keeps what is not of that labelmap', () => {
    history.push(memo('stroke', 'another'));
    dropStrokes();
    history.push(memo('length'));
    dropStrokes();
    history.undo(2);
    expect(done).toEqual(['undo length', 'undo stroke']);
  });
});

const SERIES = '1.9';
const ADA = 'ada';

/** Ada at a page that opens a series with steps of hers from before; `taken` are what undo and redo took, of the viewer or the document. */
function pageWith(depth: { undo: number; redo: number }) {
  const taken: string[] = [];
  const store = createStore();
  const isDocuments = createStepOrder(store, stockHistory);
  let { undo, redo } = depth;
  const open = (seriesUid: string) => {
    const short = { segments: [], cells: [], prompts: [], provenance: [], saved: null };
    const document = { seriesUid, revision: 1, history: { [ADA]: { undo, redo } }, ...short };
    const rest = { frames: [], participants: [], models: [], propagations: [], interrupted: [] };
    store.dispatch({
      kind: 'series-opened',
      opened: { document, pixels: 'push', defaultModelId: '', ...rest },
    });
  };
  const show = (seriesUid: string) =>
    store.dispatch({ kind: 'series-shown', series: { studyUid: '1.1', seriesUid, modality: 'CT', frames: [] } });
  const moves = {
    /** Draws a length. */
    m: () => void history.push({ restoreMemo: (isUndo) => void taken.push(isUndo ? '-m' : '+m') }),
    /** Takes a step of the document. */
    d: () => {
      [undo, redo] = [undo + 1, 0];
      open(SERIES);
    },
    /** Lets go of the brush, whose stroke is not read back yet. */
    s: () => void history.push({ restoreMemo: () => void taken.push('stroke'), segmentationId: OURS } as never),
    u: () => {
      if (!isDocuments('undo')) return history.undo();
      taken.push('-d');
      [undo, redo] = [undo - 1, redo + 1];
      open(SERIES);
    },
    r: () => {
      if (!isDocuments('redo')) return history.redo();
      taken.push('+d');
      [undo, redo] = [undo + 1, redo - 1];
      open(SERIES);
    },
    /** Looks at another series and comes back. */
    v: () => {
      show('1.8');
      show(SERIES);
      open(SERIES);
    },
  };
  store.dispatch({ kind: 'named', me: { id: ADA, name: 'Ada', color: [1, 2, 3] } });
  show(SERIES);
  open(SERIES);
  return (steps: string) => {
    for (const step of steps) moves[step as keyof typeof moves]();
    return taken.join(' ');
  };
}

describe("undo and redo of the document and the viewer's own together", () => {
  beforeEach(() => (history.size = 50));

  it.each([
    ['a length after a mask', 'dmuu', '-m -d'],
    ['a mask after a length', 'mduu', '-d -m'],
    ['a length between two masks', 'dmduuu', '-d -m -d'],
    ['all of it, and again', 'dmduuurrr', '-d -m -d +d +m +d'],
    ['back and forth', 'mdurur', '-d +d -d +d'],
    ['a mask, a length instead of it, and a mask again', 'dumduu', '-d -d -m'],
    ['a stroke, the mask of which comes before it is read back', 'msduu', '-d -m'],
    ['what was done before one looked at another series', 'mdvuu', '-d -m'],
  ])('[SH3] takes the newest of both: %s', (_, steps, taken) => {
    expect(pageWith({ undo: 0, redo: 0 })(steps)).toBe(taken);
  });

  it('[SH4] steps of yesterday are older than a length of today, and are taken back and done again after it', () => {
    expect(pageWith({ undo: 2, redo: 0 })('muuu')).toBe('-m -d -d');
    history.size = 50;
    expect(pageWith({ undo: 1, redo: 1 })('murr')).toBe('-m +m +d');
  });
});
