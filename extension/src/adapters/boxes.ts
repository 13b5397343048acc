import { eventTarget, StackViewport, type Types } from '@cornerstonejs/core';
import { annotation as annotations, utilities, type Types as ToolTypes } from '@cornerstonejs/tools';
import { getEnabledElement } from '@cornerstonejs/core';
import {
  frameKeyOf,
  type Box,
  type Color,
  type Plane,
  type Points,
  type PreviewAnswer,
  type SeriesFrame,
} from '@ohif-medsam/protocol';
import { BOX_TOOL } from '../id.ts';
import { shownBoxes, type ShownBox } from '../session/shownBoxes.ts';
import type { DraggedBox } from '../session/previews.ts';
import type { SessionState } from '../session/state.ts';
import { BOX_EVENTS, type BoxEvent, type BoxPreview, type Dots } from '../tools/BoxTool.ts';
import { outlinesOf } from './outlines.ts';
import { boxAround, cornersOf, normalOf, placerOf, planeIn } from './planes.ts';
import type { Viewer } from './viewer.ts';

export interface BoxEvents {
  /** @returns Whether it is taken; else it is removed. */
  onReleased(promptId: string, plane: Plane, box: Box): boolean;
  onDragged(promptId: string, plane: Plane, box: Box): void;
  onUnusable(): void;
  /** Drawing or moving it was given up. */
  onCancelled(): void;
}

export const selectedBoxes = (): readonly string[] => annotations.selection.getAnnotationsSelectedByToolName(BOX_TOOL);

/** Keeps cornerstone's rectangles and the document's boxes the same. */
export function createBoxes(viewer: Viewer, events: BoxEvents) {
  const shown = new Map<string, ShownBox>();
  let drawing: string | undefined;

  const usable = (annotation: ToolTypes.Annotation, element: HTMLDivElement) => {
    const viewport = getEnabledElement(element)?.viewport;
    const plane = planeOf(annotation, viewport);
    const points = annotation.data.handles?.points;
    const box = plane && points && boxAround(viewport, plane, points, viewer);
    return box && { plane, box };
  };

  /** Of a stack the slice on which the box was begun, whatever came into view since: by the wheel, or while the images run. */
  function planeOf(annotation: ToolTypes.Annotation, viewport: unknown): Plane | undefined {
    const imageId = viewport instanceof StackViewport ? annotation.metadata?.referencedImageId : undefined;
    const begunOn = viewer.keyOf(imageId ?? '');
    return begunOn === undefined ? planeIn(viewport, viewer) : { axis: 'k', frame: begunOn };
  }

  function released({ detail: { annotation, element } }: BoxEvent): void {
    drawing = undefined;
    const promptId = annotation.annotationUID ?? '';
    const drawn = usable(annotation, element);
    if (!drawn) {
      putBack(promptId);
      events.onUnusable();
      return;
    }
    const before = shown.get(promptId);
    // A click, which moves nothing: segmented again, the box would take back what was erased by hand since.
    if (before && JSON.stringify([before.plane, before.box]) === JSON.stringify([drawn.plane, drawn.box])) {
      putBack(promptId);
      events.onCancelled();
    } else if (!events.onReleased(promptId, drawn.plane, drawn.box)) putBack(promptId);
  }

  function dragged({ detail: { annotation, element } }: BoxEvent): void {
    drawing = annotation.annotationUID;
    const drawn = usable(annotation, element);
    if (drawn && drawing !== undefined) events.onDragged(drawing, drawn.plane, drawn.box);
  }

  function cancelled({ detail: { annotation } }: BoxEvent): void {
    drawing = undefined;
    putBack(annotation.annotationUID ?? '');
    events.onCancelled();
  }

  /** To where it was before it was in the hand; a new one was nowhere. */
  function putBack(id: string): void {
    const before = shown.get(id);
    if (before) show(before);
    else remove(id);
    redraw();
  }

  function remove(id: string): void {
    annotations.locking.setAnnotationLocked(id, false);
    annotations.state.removeAnnotation(id);
    shown.delete(id);
  }

  function show(box: ShownBox): void {
    const viewport = viewer.viewports()[0]?.viewport;
    const k = box.plane.axis === 'k' ? viewer.frames.indexOf(box.plane.frame) : 0;
    const frame = viewer.placed[Math.max(0, k)];
    if (!viewport || !frame || k < 0) return;
    const there = annotations.state.getAnnotation(box.id);
    // Shown before, just drawn, or kept by the viewer over a visit to its study list. Removed and added anew, OHIF would take it for a measurement that went, and draw the images of all viewports for that.
    if (there) change(there, box, k);
    // By its element, as the tool does: images without a frame of reference, as of ultrasound, have no other name for where it belongs.
    else
      annotations.state.addAnnotation(annotationOf(box, viewport.getFrameOfReferenceUID(), k, frame), viewport.element);
    // Not in the annotation itself: there cornerstone overwrites it as it is added.
    annotations.locking.setAnnotationLocked(box.id, !box.look.movable);
    shown.set(box.id, box);
  }

  function change({ data }: ToolTypes.Annotation, { plane, box, look, points }: ShownBox, k: number): void {
    if (data.handles) data.handles.points = pointsOf(plane, box, k);
    data['medsam'] = look;
    data['medsamDots'] = dotsOf(plane, points, k);
    if (!look.waiting) delete data['medsamPreview'];
  }

  const pointsOf = (plane: Plane, box: Box, k: number) =>
    cornersOf(plane, box, viewer.placed, k).map((point): Types.Point3 => [...point]);

  /** Where one clicked to correct the mask. */
  function dotsOf(plane: Plane, points: Points | undefined, k: number): Dots {
    const place = placerOf(plane, viewer.placed, k);
    return { inside: points?.inside.map(place) ?? [], outside: points?.outside.map(place) ?? [] };
  }

  function annotationOf(
    box: ShownBox,
    frameOfReference: string | undefined,
    k: number,
    frame: SeriesFrame,
  ): ToolTypes.Annotation {
    const { plane } = box;
    const imageId = plane.axis === 'k' ? viewer.series?.imageIdOf.get(frameKeyOf(frame)) : undefined;
    return {
      annotationUID: box.id,
      highlighted: false,
      isLocked: false,
      isVisible: true,
      invalidated: false,
      metadata: {
        toolName: BOX_TOOL,
        ...(frameOfReference === undefined ? {} : { FrameOfReferenceUID: frameOfReference }),
        viewPlaneNormal: normalOf(plane, frame),
        ...(imageId === undefined ? {} : { referencedImageId: imageId }),
      },
      data: {
        label: '',
        cachedStats: {},
        handles: {
          points: pointsOf(plane, box.box, k),
          activeHandleIndex: null,
          textBox: {
            hasMoved: false,
            worldPosition: [0, 0, 0],
            worldBoundingBox: {
              topLeft: [0, 0, 0],
              topRight: [0, 0, 0],
              bottomLeft: [0, 0, 0],
              bottomRight: [0, 0, 0],
            },
          },
        },
        medsam: box.look,
        medsamDots: dotsOf(plane, box.points, k),
      },
    };
  }

  /** Draws the mask of a box that is in the hand; it stays until the document's has come. */
  function preview({ promptId, plane }: DraggedBox, { runs, columns }: PreviewAnswer, color: Color): void {
    const annotation = annotations.state.getAnnotation(promptId);
    if (!annotation || promptId !== drawing) return;
    const k = plane.axis === 'k' ? Math.max(0, viewer.frames.indexOf(plane.frame)) : 0;
    const place = placerOf(plane, viewer.placed, k);
    const outlines = outlinesOf(runs, columns).map((outline) => outline.map(place));
    annotation.data['medsamPreview'] = { outlines, color } satisfies BoxPreview;
    redraw();
  }

  const redraw = () => utilities.triggerAnnotationRenderForViewportIds(viewer.viewports().map(({ id }) => id));

  const listeners: [string, (event: never) => void][] = [
    [BOX_EVENTS.released, released],
    [BOX_EVENTS.dragged, dragged],
    [BOX_EVENTS.cancelled, cancelled],
  ];
  for (const [name, listener] of listeners) eventTarget.addEventListener(name, listener);

  return {
    render: (state: SessionState): void => {
      const wanted = new Map(shownBoxes(state).map((box) => [box.id, box]));
      for (const [id, box] of shown) {
        const now = wanted.get(id);
        if (id !== drawing && JSON.stringify(now?.plane) !== JSON.stringify(box.plane)) remove(id);
      }
      for (const box of wanted.values())
        if (box.id !== drawing && JSON.stringify(shown.get(box.id)) !== JSON.stringify(box)) show(box);
      redraw();
    },
    preview,
    stop: (): void => {
      for (const [name, listener] of listeners) eventTarget.removeEventListener(name, listener);
      for (const id of [...shown.keys()]) remove(id);
    },
  };
}
