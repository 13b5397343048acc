/**
 * Judges a model on images with ground truth, beside what the box alone gives:
 * `npm run evaluate -- --data DIR [--model ID] [--models DIR] [--limit N] [--volumes] [--out report.json]`
 * Prints tables; `--out` writes the numbers, and beside them a page with plots and the worst cases. Ctrl-C writes nothing.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '@ohif-medsam/protocol';
import { readManifest } from '../adapters/dataset/readDataset.ts';
import { reportPage } from '../evaluate/page/reportPage.ts';
import { reportOf } from '../evaluate/report.ts';
import { tableOf } from '../evaluate/table.ts';
import { volumesReportOf } from '../evaluate/volume/volumesReport.ts';
import { evaluateImages, evaluateVolumes, findVolumes, worstCases } from './evaluateFolder.ts';
import { openJudgedEngine } from './judgedEngine.ts';
import { checkWritable, writeWhole } from './writeWhole.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What a shell gives for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  await evaluate(readOptions());
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.exitCode = error.code === 'cancelled' ? INTERRUPTED : 1;
  console.error(error.message);
}

function readOptions() {
  const { data, limit, ...options } = parseOptions().values;
  if (data === undefined) throw new AppError('input-invalid', 'Say where the images are: --data DIR');
  const most = Number(limit);
  if (!(most >= 1)) throw new AppError('input-invalid', `--limit must be a number from 1 on, got "${limit}".`);
  return { ...options, data, most };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        data: { type: 'string' },
        model: { type: 'string', default: 'embedded-box' },
        /** A models folder; the project's models and the installed ones by default. */
        models: { type: 'string' },
        /** Most objects of a set. */
        limit: { type: 'string', default: 'Infinity' },
        /** The 3D protocol too. */
        volumes: { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new AppError('input-invalid', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

async function evaluate({ data, model: modelId, models, most, volumes, out }: ReturnType<typeof readOptions>) {
  const manifest = await readManifest(data);
  const written = out === undefined ? undefined : { json: out, page: `${out.replace(/\.json$/, '')}.html` };
  for (const path of Object.values(written ?? {})) await checkWritable(path);
  const engine = await openJudgedEngine(modelId, models, ROOT);
  try {
    const asked = { engine, modelId, signal: stop.signal };
    const volumesThere = volumes ? await findVolumes(data, manifest) : [];
    const scores = await evaluateImages(asked, data, manifest.items, most);
    if (scores.length === 0) throw new AppError('input-invalid', `${data} has no objects that are large enough.`);
    const inVolumes = volumes ? volumesReportOf(await evaluateVolumes(asked, data, volumesThere, most)) : undefined;
    const model = engine.models().find(({ id }) => id === modelId);
    if (!model) throw new AppError('model-unknown', modelId);
    const report = reportOf(model, scores, inVolumes);
    // First, so that whatever fails yet, the work was not for nothing.
    console.log(tableOf(report));
    if (written) {
      const { worst, worstBySet } = await worstCases(data, manifest.items, scores);
      const json = `${JSON.stringify(report, null, 2)}\n`;
      await writeWhole({ [written.json]: json, [written.page]: reportPage(report, scores, worst, worstBySet) });
    }
  } finally {
    await engine.close();
  }
}
