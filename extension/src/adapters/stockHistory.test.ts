import { utilities } from '@cornerstonejs/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { dropStroke } from './stockHistory.ts';

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
    history.push(memo('stroke', 'ours'));
    dropStroke('ours');
    expect(done).toEqual([]);
    history.redo();
    history.undo();
    expect(done).toEqual([]);
    history.undo();
    expect(done).toEqual(['undo length']);
  });

  it('[SH2] keeps what is not of that labelmap', () => {
    history.push(memo('stroke', 'another'));
    dropStroke('ours');
    history.push(memo('length'));
    dropStroke('ours');
    history.undo(2);
    expect(done).toEqual(['undo length', 'undo stroke']);
  });
});
