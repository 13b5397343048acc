import { cache, eventTarget } from '@cornerstonejs/core';
import { Enums, segmentation as segmentations } from '@cornerstonejs/tools';
import type { FrameKey, Plane } from '@ohif-medsam/protocol';
import { isSegmentationId, segmentationIdOf } from '../id.ts';
import type { Services } from '../ohif.ts';
import { changedFrames, visibleMasks, type DocumentView } from '../session/documentView.ts';
import { composeLabels, editsBetween, keepApproved, type LabelEdit } from '../session/labels.ts';
import type { SessionState } from '../session/state.ts';
import { isPainted } from './isPainted.ts';
import { activate, representationIn, showSegments } from './labelmapSegments.ts';
import { newId } from './newId.ts';
import { dropStrokes } from './stockHistory.ts';
import type { Viewer } from './viewer.ts';

const LABELMAP = Enums.SegmentationRepresentations.Labelmap;
/** How often others see a stroke grow. */
const PART_MS = 100;
/** After the last pixel of a stroke: OHIF's tools write several times while they finish. */
const STROKE_REST_MS = 60;
const POINTER = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const;

export interface LabelmapEvents {
  /** The hand paints. */
  onPainting(): void;
  /** The user painted with OHIF's own tools. @returns Whether the document took it. */
  onPainted(edits: LabelEdit[], strokeId: string | undefined): Promise<boolean>;
  planeInView(): Plane | null;
}

/** Slices that were written to a labelmap, as they were written: what differs from them now, somebody painted. */
type Written = Map<FrameKey, Uint8Array>;

/**
 * The document as a labelmap of the viewer. It is a view in both directions: what the document says is drawn, and what OHIF's
 * brush, eraser and scissors change is read back as edits, which come again with the document.
 */
export function createLabelmap(services: Services, viewer: Viewer, events: LabelmapEvents) {
  const written = new Map<string, Written>();
  const creating = new Set<string>();
  let state: SessionState | undefined;
  let drawn: { readonly id: string; readonly masks: DocumentView['masks'] } | undefined;
  let ours = false;
  let pressed = false;
  /**
   * Labelmaps that were painted in and not read back since, with the name of the stroke of which parts were told. One of a series
   * whose document is not there, as while it is opened, waits for that.
   */
  const painted = new Map<string, string | undefined>();
  let rest: ReturnType<typeof setTimeout> | undefined;
  /** From when a part of the stroke under the hand waits until it is in the document: never are two on their way. */
  let part: ReturnType<typeof setTimeout> | undefined;
  let refused = false;

  /** Of the stack in view: a series may be split into several, of which each has a labelmap of its own. */
  const idFor = (document: DocumentView): string | undefined => {
    const { series } = viewer;
    if (series?.announced.seriesUid !== document.seriesUid) return undefined;
    return segmentationIdOf(series.displaySet.displaySetInstanceUID);
  };
  const viewportIds = () => viewer.viewports().map(({ id }) => id);
  const exists = (id: string) => segmentations.state.getSegmentation(id) !== undefined;

  /** The viewer's label image of each frame of the series. */
  function labelImages(id: string): Map<FrameKey, string> {
    const found = new Map<FrameKey, string>();
    for (const imageId of segmentations.getLabelmapImageIds(id) ?? []) {
      const key = viewer.keyOf(cache.getImage(imageId)?.referencedImageId ?? '');
      if (key !== undefined) found.set(key, imageId);
    }
    return found;
  }
  const labelsOf = (imageId: string | undefined): Uint8Array | undefined => {
    const data = imageId === undefined ? undefined : cache.getImage(imageId)?.voxelManager?.getScalarData();
    return data instanceof Uint8Array ? data : undefined;
  };

  /** Draws frames; a stroke under the hand that has not been read back yet stays. */
  function write(id: string, { document, hidden }: SessionState, frames: Iterable<FrameKey>): void {
    if (!document) return;
    const images = labelImages(id);
    const before = written.get(id) ?? new Map<FrameKey, Uint8Array>();
    written.set(id, before);
    const imageIds: string[] = [];
    for (const frame of frames) {
      const imageId = images.get(frame);
      const labels = labelsOf(imageId);
      if (!labels || imageId === undefined) continue;
      const next = composeLabels(document, frame, labels.length, hidden);
      const last = before.get(frame);
      for (let at = 0; at < labels.length; at++) if (labels[at] === (last?.[at] ?? 0)) labels[at] = next[at] ?? 0;
      before.set(frame, next);
      imageIds.push(imageId);
    }
    if (imageIds.length > 0) announce(id, imageIds);
  }

  /** Tells cornerstone which slices of its volume, if it has made one, are new: it uploads only those. */
  function announce(id: string, imageIds: readonly string[]): void {
    const volumeId = segmentations.state.getSegmentation(id)?.representationData.Labelmap?.volumeId;
    const order = (volumeId && cache.getVolume(volumeId)?.imageIds) || [];
    const slices = imageIds.map((imageId) => order.indexOf(imageId)).filter((k) => k >= 0);
    quietly(() => segmentations.triggerSegmentationEvents.triggerSegmentationDataModified(id, slices));
  }

  function quietly(run: () => void): void {
    ours = true;
    try {
      run();
    } finally {
      ours = false;
    }
  }

  /** Reads back what was painted, once the hand has left the mouse. */
  function readBack(): void {
    const id = state?.document && idFor(state.document);
    if (!id || !painted.has(id)) return;
    const stroke = painted.get(id);
    painted.delete(id);
    refused = false;
    dropStrokes();
    void readFrames(id, labelImages(id), stroke);
  }

  /**
   * Reads back the slice under the hand while it draws. Only that: comparing a whole series takes longer than a part may. What a
   * stroke leaves in other slices, as in a reformat, is told with its end.
   */
  async function readPart(): Promise<void> {
    const id = state?.document && idFor(state.document);
    const plane = events.planeInView();
    if (!pressed || refused || !id || !painted.has(id) || plane?.axis !== 'k') return;
    const { frame } = plane;
    const imageId = labelImages(id).get(frame);
    if (imageId === undefined) return;
    const stroke = painted.get(id) ?? newId();
    painted.set(id, stroke);
    await readFrames(id, new Map([[frame, imageId]]), stroke);
  }

  /** Tells the edits of frames since they were drawn or read last. */
  async function readFrames(id: string, images: ReadonlyMap<FrameKey, string>, stroke?: string): Promise<void> {
    const document = state?.document;
    if (!document) return;
    const before = written.get(id);
    const edits: LabelEdit[] = [];
    const kept: string[] = [];
    for (const [frame, imageId] of images) {
      const labels = labelsOf(imageId);
      if (!labels || !isPainted(labels, before?.get(frame))) continue;
      const last = before?.get(frame) ?? new Uint8Array(labels.length);
      if (keepApproved(last, labels, document)) kept.push(imageId);
      edits.push(...editsBetween(last, labels, frame, document.slots));
      before?.set(frame, labels.slice());
    }
    if (kept.length > 0) announce(id, kept);
    if (edits.length > 0 && !(await events.onPainted(edits, stroke)))
      restore(id, new Set(edits.map((edit) => edit.frame)));
  }

  /** Draws frames as the document has them: an edit of theirs was refused. Those of a series that was left meanwhile are drawn there. */
  function restore(id: string, frames: Iterable<FrameKey>): void {
    if (!state?.document || id !== idFor(state.document)) return;
    refused = pressed;
    write(id, state, frames);
  }

  function restThenRead(): void {
    clearTimeout(rest);
    if (painted.size > 0 && !pressed) rest = setTimeout(readBack, STROKE_REST_MS);
  }
  const onData = (event: Event) => {
    const { segmentationId } = (event as CustomEvent<{ segmentationId: string }>).detail;
    if (ours || !isSegmentationId(segmentationId)) return;
    painted.set(segmentationId, painted.get(segmentationId));
    restThenRead();
    if (!pressed) return;
    events.onPainting();
    part ??= setTimeout(() => void readPart().finally(() => (part = undefined)), PART_MS);
  };
  /** By what the event says of the buttons: a release outside of the window, or taken by the system, has no event of its own. */
  const onPointer = ({ buttons }: PointerEvent) => {
    if ((buttons !== 0) === pressed) return;
    pressed = buttons !== 0;
    if (pressed) clearTimeout(rest);
    else restThenRead();
  };

  async function create(document: DocumentView): Promise<void> {
    const id = idFor(document);
    const { series } = viewer;
    if (!series || !id || creating.has(id)) return;
    creating.add(id);
    try {
      await services.segmentationService.createLabelmapForDisplaySet(series.displaySet, {
        segmentationId: id,
        label: 'MedSAM',
        segments: {},
      });
    } finally {
      creating.delete(id);
    }
    if (state) render(state);
  }

  /** Puts the labelmap into viewports that show the series and lack it, as after a change of layout. */
  async function addToViewports(id: string): Promise<void> {
    for (const viewportId of viewportIds()) {
      const key = `${id} ${viewportId}`;
      if (representationIn(viewportId, id) || creating.has(key)) continue;
      creating.add(key);
      try {
        await services.segmentationService.addSegmentationRepresentation(viewportId, {
          segmentationId: id,
          type: LABELMAP,
        });
      } finally {
        creating.delete(key);
      }
    }
    if (state?.document && exists(id)) quietly(() => state && showSegments(id, state, viewportIds()));
  }

  function render(now: SessionState): void {
    state = now;
    const { document } = now;
    const id = document && idFor(document);
    if (!id) return;
    if (!exists(id)) {
      drawn = undefined;
      written.delete(id);
      if (document.segments.length > 0) create(document).catch(console.error);
      return;
    }
    const masks = visibleMasks(document, now.hidden);
    const frames =
      drawn?.id === id
        ? changedFrames(drawn.masks, masks)
        : new Set([...changedFrames(new Map(), masks), ...(written.get(id)?.keys() ?? [])]);
    drawn = { id, masks };
    quietly(() => showSegments(id, now, viewportIds()));
    write(id, now, frames);
    addToViewports(id).catch(console.error);
    if (painted.has(id)) restThenRead();
  }

  eventTarget.addEventListener(Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
  for (const event of POINTER) document.addEventListener(event, onPointer, true);

  return {
    render,
    /** Has brush and eraser work on the document. */
    takeBrush: (): void => {
      const id = state?.document && idFor(state.document);
      if (id) activate(id, viewportIds());
    },
    /** Reads back now what the hand may just have painted. */
    takePaint: readBack,
    stop: (): void => {
      clearTimeout(rest);
      clearTimeout(part);
      eventTarget.removeEventListener(Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
      for (const event of POINTER) document.removeEventListener(event, onPointer, true);
    },
  };
}
