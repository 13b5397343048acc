/**
 * Segments one object of a DICOM series in a folder and writes a DICOM-SEG:
 * `npm run segment -- --input DIR --instance SOP_UID [--frame N] --box x0,y0,x1,y1 [--propagate] [--model ID] --out seg.dcm`
 * The box is in pixels, column and row from 0, both corners inclusive. Prints one line of JSON.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, frameKeyOf, volumeMl, type Box } from '@ohif-medsam/protocol';
import { pino } from 'pino';
import { readFolder } from '../adapters/dicom/readFolder.ts';
import { writePart10 } from '../adapters/dicom/writePart10.ts';
import { openOnnxEngine } from '../adapters/onnx/onnxEngine.ts';
import { buildSegmentation, uidOf } from '../dicomSeg/index.ts';
import { thisEquipment } from '../adapters/thisEquipment.ts';
import { seriesOfInstance } from './folderSeries.ts';
import { modelFoldersOf, readSettings } from '../settings.ts';
import { segmentSeries } from './segmentSeries.ts';
import { checkWritable, writeWhole } from './writeWhole.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

try {
  console.log(JSON.stringify(await segment(readOptions())));
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof AppError)) throw error;
  console.error(error.message);
}

function readOptions() {
  const { values } = parseOptions();
  const { input, instance, out, propagate, model } = values;
  if (input === undefined || instance === undefined || out === undefined || values.box === undefined)
    throw new AppError('input-invalid', 'Needed: --input DIR --instance SOP_UID --box x0,y0,x1,y1 --out seg.dcm');
  const frameNumber = Number(values.frame);
  if (!Number.isInteger(frameNumber) || frameNumber < 1)
    throw new AppError('input-invalid', `--frame must be a number from 1 on, got "${values.frame}".`);
  return { input, instance, frameNumber, box: boxOf(values.box), propagate, model, out };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        input: { type: 'string' },
        instance: { type: 'string' },
        frame: { type: 'string', default: '1' },
        box: { type: 'string' },
        propagate: { type: 'boolean', default: false },
        model: { type: 'string' },
        out: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new AppError('input-invalid', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

function boxOf(text: string): Box {
  const corners = text.split(',');
  const [x0, y0, x1, y1] = corners.map(Number);
  if (corners.length !== 4 || !corners.every((corner) => /^-?\d+$/.test(corner)))
    throw new AppError('box-invalid', `--box takes four whole numbers x0,y0,x1,y1, got "${text}".`);
  return [x0 ?? 0, y0 ?? 0, x1 ?? 0, y1 ?? 0];
}

async function segment({ input, instance, frameNumber, box, propagate, model, out }: ReturnType<typeof readOptions>) {
  const start = performance.now();
  // Before anything is calculated: minutes of work must not end at a wrong name.
  await checkWritable(out);
  const folder = seriesOfInstance(await readFolder(input), instance);
  const frame = frameKeyOf({ sopInstanceUid: instance, frameNumber });
  if (!folder.series.frameKeys.includes(frame))
    throw new AppError('input-invalid', `The image has no frame ${String(frameNumber)}.`);
  const settings = readSettings(process.env, ROOT);
  const folders = modelFoldersOf(settings, ROOT);
  const engine = await openOnnxEngine({
    modelsFolder: folders.embedded,
    installedFolder: folders.installed,
    defaultModelId: model ?? settings.models.default,
    variant: settings.models.variant,
    providers: settings.models.providers,
    threads: availableParallelism(),
    imageBytes: 256 * 1024 * 1024,
    queueLength: 16,
    runTimeoutMs: 60_000,
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
  try {
    const modelId = model ?? engine.defaultModelId;
    const { segments, cells, end } = await segmentSeries(folder, engine, { frame, box, propagate, modelId });
    const at = new Date();
    const names = [frame, segments[0]?.tracking.uid ?? ''];
    const identity = {
      seriesUid: uidOf('series', ...names),
      sopInstanceUid: uidOf('instance', ...names),
      instanceNumber: 1,
      predecessor: undefined,
      description: 'Segmentation from a box',
      creator: undefined,
      at,
    };
    const { header, pixelData, frames } = buildSegmentation(
      { segments, cells },
      folder.headers,
      identity,
      thisEquipment,
    );
    await writeOut(out, writePart10(header, pixelData));
    const runs = new Map(cells.map((cell) => [cell.frame, cell.runs]));
    const volume = volumeMl(folder.series.frames, (source) => runs.get(frameKeyOf(source)) ?? []);
    const seconds = (performance.now() - start) / 1000;
    return { out, volumeMl: rounded(volume), slices: frames, seconds: rounded(seconds), model: modelId, ...end };
  } finally {
    await engine.close();
  }
}

async function writeOut(out: string, file: Uint8Array): Promise<void> {
  try {
    await writeWhole({ [out]: file });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new AppError('input-invalid', `${out} cannot be written: ${why}.`, { cause });
  }
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(3));
}
