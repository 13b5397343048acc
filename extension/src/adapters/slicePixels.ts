import { cache, imageLoader, metaData, type Types } from '@cornerstonejs/core';
import { smallestNumbers, type FrameKey, type PixelNumbers, type Plane, type Request } from '@ohif-medsam/protocol';
import { RequestError } from '../session/ports.ts';

/** Pixels of a plane with what the server needs to know of them; see `slicePutSchema`. */
export type SlicePixels = Pick<
  Request<'slice:put'>,
  'columns' | 'rows' | 'components' | 'type' | 'slope' | 'intercept' | 'invert' | 'padding'
> & { readonly pixels: Uint8Array<ArrayBuffer> };

const NOT_RESLICED = {
  code: 'plane-unsupported',
  message: 'MedSAM segments colour images only in the slices as they were acquired.',
  remedy: 'Use a viewport that shows the acquired slices.',
};

interface PaddingFacts {
  readonly PixelPaddingValue?: number;
  readonly PixelPaddingRangeLimit?: number;
  readonly PixelRepresentation?: number;
  readonly BitsAllocated?: number;
}

const loaded = (imageId: string): Promise<Types.IImage> => {
  const image = cache.getImage(imageId);
  return image ? Promise.resolve(image) : imageLoader.loadAndCacheImage(imageId);
};

/** OHIF's loader applies slope and intercept (and SUV) while loading; then they are not the server's to apply again. */
const rescaleOf = (image: Types.IImage) =>
  image.preScale?.scaled ? { slope: 1, intercept: 0 } : { slope: image.slope, intercept: image.intercept };

/** The padding values as they stand in the viewer's pixels: signed where the pixels are, rescaled where those are. */
function paddingOf(image: Types.IImage): readonly [number, number] | undefined {
  const facts = metaData.get('instance', image.imageId) as PaddingFacts | undefined;
  if (typeof facts?.PixelPaddingValue !== 'number') return undefined;
  const range = 2 ** (facts.BitsAllocated ?? 16);
  const signed = (value: number) => (facts.PixelRepresentation === 1 && value >= range / 2 ? value - range : value);
  const scaling = image.preScale?.scaled ? image.preScale.scalingParameters : undefined;
  const shown = (value: number) =>
    (signed(value) * (scaling?.rescaleSlope ?? 1) + (scaling?.rescaleIntercept ?? 0)) * (scaling?.suvbw ?? 1);
  const ends = [shown(facts.PixelPaddingValue), shown(facts.PixelPaddingRangeLimit ?? facts.PixelPaddingValue)];
  return [Math.min(...ends), Math.max(...ends)];
}

/** The bytes alone: a view of a larger buffer would send all of that. Every browser machine is little endian. */
const bytesOf = (values: PixelNumbers): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

function withoutAlpha(rgba: ArrayLike<number>, pixels: number): Uint8Array<ArrayBuffer> {
  const channels = rgba.length / pixels;
  const rgb = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) rgb[p * 3 + c] = rgba[p * channels + c] ?? 0;
  return rgb;
}

function framePixels(image: Types.IImage): SlicePixels {
  const { rows, columns } = image;
  const stored = image.getPixelData();
  if (image.color) return { rows, columns, components: 3, type: 'uint8', pixels: withoutAlpha(stored, rows * columns) };
  const { type, values } = smallestNumbers(stored);
  return { rows, columns, components: 1, type, ...factsOf(image), pixels: bytesOf(values) };
}

/** Of the header: OHIF's loader does not always hand it on with the image. */
const photometricOf = ({ imageId }: Types.IImage): string | undefined =>
  (metaData.get('imagePixelModule', imageId) as { photometricInterpretation?: string } | undefined)
    ?.photometricInterpretation;

function factsOf(image: Types.IImage): Partial<SlicePixels> {
  const padding = paddingOf(image);
  return {
    ...rescaleOf(image),
    invert: photometricOf(image) === 'MONOCHROME1',
    ...(padding ? { padding } : {}),
  };
}

/**
 * A plane across the frames, which the viewer shows in MPR: row k of its image is taken from frame k.
 * - axis i: column `index` of each frame; image columns are j.
 * - axis j: row `index` of each frame; image columns are i.
 * @throws RequestError for colour images.
 */
function acrossFrames(images: readonly Types.IImage[], axis: 'i' | 'j', index: number): SlicePixels {
  const first = images[0];
  if (!first || first.color) throw new RequestError(NOT_RESLICED);
  const width = axis === 'i' ? first.rows : first.columns;
  const frames = images.map((image) => ({ stored: image.getPixelData(), ...rescaleOf(image) }));
  // One slope for the whole plane: frames rescaled one by one (as PET is) have to become modality values here.
  const uniform =
    frames.every((f) => f.slope === first.slope && f.intercept === first.intercept) || first.preScale?.scaled;
  const sameType = frames.every((f) => f.stored.constructor === frames[0]?.stored.constructor);
  const out =
    uniform && sameType
      ? new (first.getPixelData().constructor as Float32ArrayConstructor)(width * images.length)
      : new Float32Array(width * images.length);
  for (const [k, { stored, slope, intercept }] of frames.entries()) {
    for (let n = 0; n < width; n++) {
      const value = stored[axis === 'i' ? n * first.columns + index : index * first.columns + n] ?? 0;
      out[k * width + n] = uniform ? value : value * slope + intercept;
    }
  }
  const { type, values } = smallestNumbers(out);
  const facts = factsOf(first);
  const rescaled = uniform ? {} : { slope: 1, intercept: 0 };
  return { rows: images.length, columns: width, components: 1, type, ...facts, ...rescaled, pixels: bytesOf(values) };
}

/**
 * Reads a plane's pixels as the viewer holds them.
 * @param imageIdOf - The viewer's image of each frame.
 * @param frames - Frame keys in geometric order, the k of the plane.
 */
export async function readPlane(
  plane: Plane,
  imageIdOf: ReadonlyMap<FrameKey, string>,
  frames: readonly FrameKey[],
): Promise<SlicePixels> {
  const imageOf = (frame: FrameKey) => loaded(imageIdOf.get(frame) ?? '');
  if (plane.axis === 'k') return framePixels(await imageOf(plane.frame));
  return acrossFrames(await Promise.all(frames.map(imageOf)), plane.axis, plane.index);
}
