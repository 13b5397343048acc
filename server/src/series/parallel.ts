import { dot, frameNormal, type SeriesFrame } from '@ohif-medsam/protocol';

/** Cosine between the normals of frames that still count as parallel. */
const PARALLEL = 0.999;

/** Whether two frames lie in one direction; frames that do not say how they lie only match each other. */
export function areParallel(a: SeriesFrame, b: SeriesFrame): boolean {
  const [normal, other] = [frameNormal(a), frameNormal(b)];
  return normal && other ? Math.abs(dot(normal, other)) > PARALLEL : normal === other;
}
