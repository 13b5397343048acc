import {
  AppError,
  ctWindowFor,
  CT_WINDOWS,
  type SeriesOpen,
  type UsedWindow,
  type WindowChoice,
} from '@ohif-medsam/protocol';
import { LRUCache } from 'lru-cache';
import type { SliceImage } from '../ports/inferenceEngine.ts';
import type { Slice } from '../ports/sliceStore.ts';
import { percentilesOf } from './percentiles.ts';

/** What of a series decides how its pixels are shown. */
export type SeriesFacts = Pick<SeriesOpen, 'modality' | 'bodyPart'>;

export interface WindowedSlice {
  readonly image: SliceImage;
  /** The window that was used; null for an image that is shown as it is. */
  readonly window: UsedWindow | null;
}

/**
 * Cameras and scanners whose 8 bits are a finished picture already: stretching it again would only amplify noise. CT is
 * among them because 8 bits without rescale cannot hold HU: it is somebody's screenshot.
 */
const PICTURE_MODALITIES = new Set(['US', 'IVUS', 'ES', 'OP', 'XC', 'GM', 'SM', 'DMS', 'OT', 'SC', 'CT']);

/** Outliers on either side that are not worth grey levels (as MedSAM's own preparation does). */
const PERCENTILES = [0.5, 99.5] as const;

/** The choice that repeats a window that was used, whatever the next slice holds. */
export const sameWindow = (used: UsedWindow | null): WindowChoice =>
  used ? { kind: 'level', center: used.center, width: used.width } : { kind: 'auto' };

/** Two of the largest mammographies. */
const KEPT_BYTES = 192 * 1024 ** 2;
/** The last images that were made, one of a slice: a handle that is dragged asks for the same one again and again. */
const lastMade = new LRUCache<Slice, { readonly asked: string; readonly made: WindowedSlice }>({
  maxSize: KEPT_BYTES,
  // The slice too: what its store has let go of meanwhile lives on here.
  sizeCalculation: ({ made: { image } }, { pixels }) =>
    pixels.byteLength + (image.pixels === pixels ? 0 : image.pixels.byteLength),
});

/**
 * Turns a slice of modality values into the 8-bit image that a model sees. stored * slope + intercept is applied once;
 * MONOCHROME1 is inverted, so that dense is bright; padding and NaN become black. Colour is passed through.
 * @returns Row-major pixels, RGB interleaved, of the slice's size; shared between callers, not to be written to.
 * @throws AppError `input-invalid` for a preset that does not exist, `slice-mismatch` for colour that is not 8 bit.
 * @see DICOM PS3.3 C.11.1.1.2 (modality LUT), C.7.5.1.1.2 (padding), C.7.6.3.1.2 (MONOCHROME1)
 */
export function windowSlice(slice: Slice, choice: WindowChoice, facts: SeriesFacts): WindowedSlice {
  const asked = JSON.stringify([choice, facts.modality, facts.bodyPart]);
  const last = lastMade.get(slice);
  if (last?.asked === asked) return last.made;
  const made = makeImage(slice, choice, facts);
  lastMade.set(slice, { asked, made });
  return made;
}

function makeImage(slice: Slice, choice: WindowChoice, facts: SeriesFacts): WindowedSlice {
  if (slice.components === 3) return { image: pictureOf(slice), window: null };
  if (choice.kind === 'auto' && isPicture(slice, facts)) return { image: greyPicture(slice), window: null };
  const window = windowFor(slice, choice, facts);
  const shownAs = `${String(window.center)}/${String(window.width)}`;
  return { image: imageOf(slice, shownAs, applyWindow(slice, window)), window };
}

function windowFor(slice: Slice, choice: WindowChoice, facts: SeriesFacts): UsedWindow {
  if (choice.kind === 'level') return { center: choice.center, width: choice.width, label: 'Custom' };
  if (choice.kind === 'preset') {
    const preset = CT_WINDOWS.find(({ id }) => id === choice.id);
    if (!preset)
      throw new AppError(
        'input-invalid',
        `No window is called "${choice.id}"; there are ${CT_WINDOWS.map((w) => w.id).join(', ')}.`,
      );
    return { center: preset.center, width: preset.width, label: preset.label };
  }
  if (facts.modality === 'CT') {
    const { center, width, label } = ctWindowFor(facts.bodyPart);
    return { center, width, label };
  }
  const [low, high] = percentilesOf(slice, PERCENTILES);
  // A slice of one value has no width of its own: it becomes mid-grey, an empty one black.
  if (!(high > low)) return { center: low === 0 ? 0.5 : low, width: 1, label: 'Automatic' };
  return { center: (low + high) / 2, width: high - low, label: 'Automatic' };
}

/** 8-bit grey with the lowest value of the window as 0 and the highest as 255. */
function applyWindow({ pixels, slope, intercept, invert, padding }: Slice, { center, width }: UsedWindow): Uint8Array {
  const [from, to] = padding ?? [Infinity, -Infinity];
  const low = center - width / 2;
  const greyOf = (stored: number): number => {
    const value = stored * slope + intercept;
    if (Number.isNaN(value) || (stored >= from && stored <= to)) return 0;
    const grey = Math.round(Math.min(1, Math.max(0, (value - low) / width)) * 255);
    return invert ? 255 - grey : grey;
  };
  const out = new Uint8Array(pixels.length);
  if (pixels instanceof Float32Array || pixels.length < STORED_NUMBERS) {
    for (let at = 0; at < pixels.length; at++) out[at] = greyOf(pixels[at] ?? 0);
    return out;
  }
  // A mammogram has 16 million pixels: looking up takes a tenth of computing, and holds up the server as much less.
  const isSigned = pixels instanceof Int8Array || pixels instanceof Int16Array;
  const greys = Uint8Array.from({ length: STORED_NUMBERS }, (_, bits) => greyOf(isSigned ? (bits << 16) >> 16 : bits));
  for (let at = 0; at < pixels.length; at++) out[at] = greys[(pixels[at] ?? 0) & (STORED_NUMBERS - 1)] ?? 0;
  return out;
}

/** As many as 16 bits can tell apart. */
const STORED_NUMBERS = 65_536;

const isPicture = (slice: Slice, facts: SeriesFacts): boolean =>
  slice.pixels instanceof Uint8Array &&
  slice.slope === 1 &&
  slice.intercept === 0 &&
  PICTURE_MODALITIES.has(facts.modality);

function pictureOf(slice: Slice): SliceImage {
  if (!(slice.pixels instanceof Uint8Array))
    throw new AppError('slice-mismatch', 'Colour images must have 8 bits per component.');
  return imageOf(slice, 'as it is', slice.pixels);
}

const greyPicture = (slice: Slice): SliceImage =>
  imageOf(slice, '0..255', applyWindow(slice, { center: 127.5, width: 255, label: '' }));

const imageOf = (slice: Slice, shownAs: string, pixels: Uint8Array): SliceImage => ({
  // The stored bytes, how they are read, and the window: all that the pixels depend on.
  key: [slice.hash, slice.columns, slice.slope, slice.intercept, slice.invert, slice.padding, shownAs].join('|'),
  columns: slice.columns,
  rows: slice.rows,
  components: slice.components,
  pixels,
});
