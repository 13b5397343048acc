import { eventTarget } from '@cornerstonejs/core';
import { Enums, segmentation as segmentations } from '@cornerstonejs/tools';
import { describe, expect, it } from 'vitest';
import { TISSUE } from '../session/newSegment.ts';
import { INITIAL_STATE, type SessionState } from '../session/state.ts';
import { representationIn, showSegments } from './labelmapSegments.ts';

const { Labelmap, Surface } = Enums.SegmentationRepresentations;
const [ID, VIEWPORT] = ['medsam-1', 'viewport'];

const LIVER = {
  id: 'liver',
  number: 1,
  label: 'Liver',
  color: [1, 2, 3],
  coding: TISSUE,
  tracking: { id: 'liver', uid: '2.25.1' },
  algorithm: { type: 'MANUAL' },
  review: { status: 'draft' },
} as const;
const STATE: SessionState = {
  ...INITIAL_STATE,
  document: {
    seriesUid: '1.9',
    revision: 1,
    segments: [LIVER],
    prompts: [],
    provenance: new Map(),
    masks: new Map(),
    saved: null,
    history: {},
    slots: new Map([['liver', 1]]),
  },
  activeSegmentId: 'liver',
};

describe('the segments of a document in a viewport', () => {
  // Into a 3D viewport OHIF puts a labelmap as a surface.
  for (const type of [Labelmap, Surface])
    it(`[LS1] a ${type} is found, hides what is hidden, and hears nothing of what stays as it is`, () => {
      const manager = segmentations.defaultSegmentationStateManager;
      manager.resetState();
      segmentations.config.color.addColorLUT([[0, 0, 0, 0]], 0);
      segmentations.addSegmentations([
        { segmentationId: ID, representation: { type: Labelmap, data: { imageIds: [] } } },
      ]);
      const segments = { 1: { visible: true } };
      const shown = { segmentationId: ID, type, active: true, visible: true, colorLUTIndex: 0, segments, config: {} };
      manager.getState().viewportSegRepresentations[VIEWPORT] = [shown];
      let heard = 0;
      const onModified = () => heard++;
      eventTarget.addEventListener(Enums.Events.SEGMENTATION_REPRESENTATION_MODIFIED, onModified);

      const show = (hidden: readonly string[]) => {
        heard = 0;
        showSegments(ID, { ...STATE, hidden: new Set(hidden) }, [VIEWPORT]);
        return heard;
      };
      show([]);
      expect(show([])).toBe(0);
      expect(show(['liver'])).toBe(1);
      expect(representationIn(VIEWPORT, ID)?.segments[1]?.visible).toBe(false);
      expect(show(['liver'])).toBe(0);
      expect(show([])).toBe(1);
      eventTarget.removeEventListener(Enums.Events.SEGMENTATION_REPRESENTATION_MODIFIED, onModified);
    });
});
