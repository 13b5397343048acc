import { eventTarget, getEnabledElement } from '@cornerstonejs/core';
import type { Plane } from '@ohif-medsam/protocol';
import type { Pixel, PointKind } from '../session/corrections.ts';
import { POINT_EVENT, type PointEvent } from '../tools/pointTools.ts';
import { boxAround, planeIn } from './planes.ts';
import type { Viewer } from './viewer.ts';

export interface PointEvents {
  onClicked(plane: Plane, point: Pixel, kind: PointKind): void;
  onUnusable(): void;
}

/** Makes pixels of the series of the points where somebody clicked to correct a mask. @returns How to stop. */
export function watchPoints(viewer: Viewer, events: PointEvents): () => void {
  function clicked({ detail: { kind, world, element } }: PointEvent): void {
    const viewport = getEnabledElement(element)?.viewport;
    const plane = planeIn(viewport, viewer);
    const at = plane && boxAround(viewport, plane, [world], viewer);
    if (at) events.onClicked(plane, [at[0], at[1]], kind);
    else events.onUnusable();
  }
  eventTarget.addEventListener(POINT_EVENT, clicked);
  return () => eventTarget.removeEventListener(POINT_EVENT, clicked);
}
