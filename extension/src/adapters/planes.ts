import { cache, metaData, StackViewport, utilities, VolumeViewport, type Types } from '@cornerstonejs/core';
import { pixelToLps, type Box, type FrameKey, type Plane, type SeriesFrame } from '@ohif-medsam/protocol';

/** What is needed to tell where in a series a viewport looks. */
export interface PlaneContext {
  /** Frame keys in geometric order. */
  readonly frames: readonly FrameKey[];
  readonly keyOf: (imageId: string) => FrameKey | undefined;
}

type Axis = 'i' | 'j' | 'k';
const AXES: readonly Axis[] = ['i', 'j', 'k'];
/** Cosine of the angle up to which a viewport still counts as orthogonal to an axis. */
const ALIGNED = 0.999;

/** The volume axis that a viewport looks along; undefined where it looks obliquely. */
function axisOf(viewport: VolumeViewport, volume: Types.IImageVolume): Axis | undefined {
  const { viewPlaneNormal: n = [0, 0, 0] } = viewport.getCamera();
  const d = volume.direction;
  return AXES.find(
    (_, a) => Math.abs(n[0] * (d[3 * a] ?? 0) + n[1] * (d[3 * a + 1] ?? 0) + n[2] * (d[3 * a + 2] ?? 0)) > ALIGNED,
  );
}

const clampRound = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.round(value)));

function volumeOf(viewport: VolumeViewport): Types.IImageVolume | undefined {
  const volumeId = viewport.getVolumeId();
  return volumeId ? cache.getVolume(volumeId) : undefined;
}

/** Continuous voxel index (i, j, k of the viewer's image or volume) of a point in the patient; integers are voxel centres. */
function indexOf(viewport: StackViewport | VolumeViewport, world: Types.Point3): Types.Point3 | undefined {
  const imageData = viewport.getImageData()?.imageData;
  return imageData && (utilities.transformWorldToIndexContinuous(imageData, world) as Types.Point3);
}

/** The plane of the series that a viewport shows; undefined if it shows none, or looks obliquely. */
export function planeIn(viewport: unknown, { keyOf }: PlaneContext): Plane | undefined {
  if (viewport instanceof StackViewport) {
    const frame = keyOf(viewport.getCurrentImageId() ?? '');
    return frame === undefined ? undefined : { axis: 'k', frame };
  }
  if (!(viewport instanceof VolumeViewport)) return undefined;
  const volume = volumeOf(viewport);
  const axis = volume && axisOf(viewport, volume);
  const { focalPoint } = viewport.getCamera();
  const at = focalPoint && indexOf(viewport, focalPoint);
  if (!volume || !axis || !at) return undefined;
  const index = clampRound(at[AXES.indexOf(axis)] ?? 0, volume.dimensions[AXES.indexOf(axis)] ?? 1);
  if (axis !== 'k') return { axis, index };
  const frame = keyOf(volume.imageIds[index] ?? '');
  return frame === undefined ? undefined : { axis, frame };
}

/**
 * The box around points of a plane, in the plane's pixel indices (see {@link Plane}), both corners inclusive. The viewer's
 * volume may count its frames the other way round than the server: they are matched by name, not by index.
 */
export function boxAround(
  viewport: unknown,
  plane: Plane,
  world: readonly Types.Point3[],
  context: PlaneContext,
): Box | undefined {
  if (!(viewport instanceof StackViewport || viewport instanceof VolumeViewport)) return undefined;
  const volume = viewport instanceof VolumeViewport ? volumeOf(viewport) : undefined;
  const frameAt = (k: number) => {
    const imageIds = volume?.imageIds ?? [];
    return context.frames.indexOf(context.keyOf(imageIds[clampRound(k, imageIds.length)] ?? '') ?? '');
  };
  const corners = world.flatMap((point) => {
    const at = indexOf(viewport, point);
    if (!at) return [];
    const [i, j, k] = at;
    if (plane.axis === 'k') return [[i, j] as const];
    return [[plane.axis === 'i' ? j : i, frameAt(k)] as const];
  });
  if (corners.length === 0) return undefined;
  const [xs, ys] = [corners.map(([x]) => Math.round(x)), corners.map(([, y]) => Math.round(y))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * A frame where the viewer puts its image. That is not always the geometry of its header, which the server is told: of a radiograph
 * the viewer takes the spacing on the detector, and what has no geometry it puts at the origin, one millimetre per pixel.
 */
export function asPlaced(frame: SeriesFrame, imageId: string): SeriesFrame {
  const plane = metaData.get('imagePlaneModule', imageId) as Partial<Types.ImagePlaneModule> | undefined;
  const { imagePositionPatient = [0, 0, 0], rowCosines = [1, 0, 0], columnCosines = [0, 1, 0] } = plane ?? {};
  return {
    ...frame,
    position: [...imagePositionPatient],
    orientation: [...rowCosines, ...columnCosines],
    // Where it knows no spacing it says null.
    pixelSpacing: [plane?.rowPixelSpacing || 1, plane?.columnPixelSpacing || 1],
  };
}

/**
 * Where (LPS mm) the four corners of a box lie, in the order of cornerstone's rectangle.
 * @param frames - As {@link asPlaced} has them, in geometric order. @param k - Index of the plane's frame.
 */
export function cornersOf(plane: Plane, box: Box, frames: readonly SeriesFrame[], k: number) {
  const [x0, y0, x1, y1] = box;
  const at = (x: number, y: number): Types.Point3 => {
    const frame = frames[clampRound(plane.axis === 'k' ? k : y, frames.length)];
    const [i, j] = plane.axis === 'k' ? [x, y] : plane.axis === 'i' ? [plane.index, x] : [x, plane.index];
    const point = frame && pixelToLps(frame, i, j);
    return point ? [point[0], point[1], point[2]] : [0, 0, 0];
  };
  return [at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1)] as const;
}

/** From pixel indices of a plane's image to points in the patient (LPS mm). @param k - Index of the plane's frame. */
export function placerOf(plane: Plane, frames: readonly SeriesFrame[], k: number) {
  const [origin, right, below] = cornersOf(plane, [0, 0, 1, 1], frames, k);
  return ([x, y]: readonly [number, number]): Types.Point3 =>
    [0, 1, 2].map((n) => {
      const from = origin[n] ?? 0;
      return from + x * ((right[n] ?? 0) - from) + y * ((below[n] ?? 0) - from);
    }) as Types.Point3;
}

/** Unit normal of a plane in the patient. */
export function normalOf(plane: Plane, frame: SeriesFrame): Types.Point3 {
  const [a, b, c, d, e, f] = frame.orientation ?? [1, 0, 0, 0, 1, 0];
  if (plane.axis === 'i') return [a, b, c];
  if (plane.axis === 'j') return [d, e, f];
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}
