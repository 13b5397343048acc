/**
 * Images with ground truth from a folder with a `manifest.json`: an image file and a label-map PNG (0 is background, each id
 * one object) per item. Sets that have volumes too are listed with them.
 */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppError, encodeRuns } from '@ohif-medsam/protocol';
import { decode as decodePng, convertIndexedToRgb } from 'fast-png';
import jpeg from 'jpeg-js';
import { z } from 'zod';
import type { TruthImage } from '../../evaluate/evaluateModel.ts';
import type { SliceImage } from '../../ports/inferenceEngine.ts';

const manifestSchema = z.object({
  sets: z
    .array(z.object({ id: z.string().min(1), modality: z.string().min(1), volume: z.string().min(1).optional() }))
    .default([]),
  items: z.array(
    z.object({
      set: z.string().min(1),
      image: z.string().min(1),
      mask: z.string().min(1),
      objects: z.array(z.object({ id: z.int().min(1).max(65_535) })),
    }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;
export type DatasetItem = Manifest['items'][number];

/** @throws AppError `input-invalid` if the folder has no manifest or the manifest is of another form. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('input-invalid', `There is no ${path}.`, { cause });
  });
  const parsed = manifestSchema.safeParse(parseJson(text, path));
  if (!parsed.success) throw new AppError('input-invalid', `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('input-invalid', `${path} is not JSON.`, { cause });
  }
}

/**
 * Reads one item. Objects that the label map does not hold are left out.
 * @throws AppError `input-invalid` if a file cannot be read or image and label map differ in size.
 */
export async function readItem(folder: string, item: DatasetItem): Promise<TruthImage> {
  const image = await readImage(folder, item.image);
  const { columns, rows, labels } = await readLabels(folder, item);
  if (columns !== image.columns || rows !== image.rows)
    throw new AppError('input-invalid', `${item.mask} is no label map of the size of ${item.image}.`);
  const objects = item.objects.flatMap(({ id }) => {
    const truth = encodeRuns(Uint8Array.from(labels, (label) => (label === id ? 1 : 0)));
    return truth.length > 0 ? [{ id, truth }] : [];
  });
  return { set: item.set, image, objects };
}

/** How many pixels each object has, in the order of the manifest, and of how many by how many the image is. */
export async function readAreas(folder: string, item: DatasetItem) {
  const { columns, rows, labels } = await readLabels(folder, item);
  const pixelsOf = new Map<number, number>();
  for (const label of labels) pixelsOf.set(label, (pixelsOf.get(label) ?? 0) + 1);
  return { columns, rows, objects: item.objects.map(({ id }) => ({ id, pixels: pixelsOf.get(id) ?? 0 })) };
}

async function readLabels(folder: string, { mask }: DatasetItem) {
  const { width: columns, height: rows, data: labels, channels } = decodePng(await bytesOf(folder, mask));
  if (channels !== 1)
    throw new AppError('input-invalid', `${mask} is no label map: it has ${String(channels)} channels.`);
  return { columns, rows, labels };
}

async function readImage(folder: string, path: string): Promise<SliceImage> {
  const bytes = await bytesOf(folder, path);
  if (extname(path) !== '.png') {
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false });
    return withoutColour({ key: path, columns: width, rows: height, components: 3, pixels: data });
  }
  const png = decodePng(bytes);
  if (png.depth !== 8) throw new AppError('input-invalid', `${path} has ${String(png.depth)} bit, not 8.`);
  const channels = png.palette ? 3 : png.channels;
  if (channels !== 1 && channels !== 3) throw new AppError('input-invalid', `${path} is neither grey nor RGB.`);
  const pixels = Uint8Array.from(png.palette ? convertIndexedToRgb(png) : png.data);
  return { key: path, columns: png.width, rows: png.height, components: channels, pixels };
}

/** A grey image that was stored as RGB, as one component. */
function withoutColour(image: SliceImage): SliceImage {
  const { pixels } = image;
  for (let at = 0; at < pixels.length; at += 3)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return image;
  const grey = Uint8Array.from({ length: pixels.length / 3 }, (_, n) => pixels[3 * n]!);
  return { ...image, components: 1, pixels: grey };
}

const bytesOf = (folder: string, path: string): Promise<Buffer> =>
  readFile(join(folder, path)).catch((cause: unknown) => {
    throw new AppError('input-invalid', `${path} cannot be read.`, { cause });
  });
