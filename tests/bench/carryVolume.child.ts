/** What our engine takes for the volume that upstream's script is given, with no more in memory than a server holds of it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Box } from '@ohif-medsam/protocol';
import { memorySliceStore } from '@ohif-medsam/server/adapters/memory/sliceStore';
import type { Variant } from '@ohif-medsam/server/adapters/onnx/cardParts';
import { openJudgedEngine } from '@ohif-medsam/server/cli/judgedEngine';
import { carryAsUpstream } from '@ohif-medsam/server/evaluate/volume/upstreamsRule';
import { planesOf, sliceOf, type TruthVolume } from '@ohif-medsam/server/evaluate/volume/volume';
import { sameWindow, windowSlice } from '@ohif-medsam/server/segment/index';
import { peakMb, timed } from './measure.ts';
import { quantile } from './section.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BOXES = 20;

export interface CarryTask {
  readonly modelId: string;
  readonly modelsFolder: string;
  readonly variant: Variant;
  /** Int16 of all voxels, without a header. */
  readonly valuesFile: string;
  readonly volume: Omit<TruthVolume, 'values' | 'labels'>;
  /** On the middle slice. */
  readonly box: Box;
}

export interface Carried {
  /** A box on a slice never seen. */
  readonly imageMs: number;
  /** A slice of the volume, by upstream's rule. */
  readonly sliceMs: number;
  /** The same again, where all embeddings fit into the cache. */
  readonly preparedSliceMs: number;
  readonly serverPeakMb: number;
  readonly enginePeakMb: number;
}

async function carry({ modelId, modelsFolder, variant, valuesFile, box, ...task }: CarryTask): Promise<Carried> {
  const bytes = await readFile(valuesFile);
  const values = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Int16Array.BYTES_PER_ELEMENT);
  const volume: TruthVolume = { ...task.volume, values, labels: new Uint8Array(0) };
  const middle = Math.floor(volume.slices / 2);
  const planes = planesOf(volume);
  const slice = (k: number) => {
    const plane = planes[k];
    if (!plane) throw new RangeError(`no slice ${String(k)}`);
    return sliceOf(volume, plane, k);
  };
  const window = sameWindow(windowSlice(slice(middle), { kind: 'auto' }, volume.series).window);
  const engine = await openJudgedEngine(modelId, modelsFolder, ROOT, variant);
  const ports = {
    ...{ engine, modelId, signal: new AbortController().signal },
    slices: memorySliceStore(256 * 1024 * 1024),
  };
  try {
    const imageMs: number[] = [];
    for (let k = 0; k < BOXES; k++) {
      const { image } = windowSlice(slice(k), window, volume.series);
      // Under a name of its own: what was computed of it here is of no use to the walk.
      const unseen = { ...image, key: `unseen ${String(k)}` };
      imageMs.push(await timed(() => engine.segment({ modelId, image: unseen, box, priority: 'prompt' })));
    }
    const walk = async () => (await timed(() => carryAsUpstream(ports, volume, middle, box))) / volume.slices;
    const sliceMs = await walk();
    const preparedSliceMs = await walk();
    const [enginePeakMb = NaN] = await Promise.all(engine.health().flatMap(({ pid }) => (pid ? [peakMb(pid)] : [])));
    const serverPeakMb = await peakMb(process.pid);
    return { imageMs: quantile(imageMs, 0.5), sliceMs, preparedSliceMs, serverPeakMb, enginePeakMb };
  } finally {
    await engine.close();
  }
}

process.once('message', (task: CarryTask) => {
  void carry(task).then((carried) => {
    process.send?.(carried);
    process.disconnect();
  });
});
