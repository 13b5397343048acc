/** Reads a folder of images and volumes, and asks about everything in it. */
import { AppError } from '@ohif-medsam/protocol';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { readAreas, readItem, type DatasetItem, type Manifest } from '../adapters/dataset/readDataset.ts';
import { listVolumes, readVolume, type VolumeItem } from '../adapters/dataset/readVolumes.ts';
import { firstOfEachSet, sampleOf } from '../evaluate/choose.ts';
import {
  area1024,
  evaluateObject,
  LEAST_AREA_1024,
  objectName,
  type ObjectScore,
  type TruthImage,
} from '../evaluate/evaluateModel.ts';
import { inFlight } from '../evaluate/inFlight.ts';
import type { Case } from '../evaluate/page/cases.ts';
import { worstOf } from '../evaluate/report.ts';
import type { VolumePorts } from '../evaluate/volume/carveObject.ts';
import { evaluateVolumeObject, type VolumeScore } from '../evaluate/volume/evaluateVolume.ts';
import { objectsOf } from '../evaluate/volume/volume.ts';
import { progressOf } from './progress.ts';

/** Objects at once: the model works on one, the masks of the others are scored or wait. */
export const IN_FLIGHT = 4;

/** Objects of a set that are asked about with moved boxes too: eight boxes more each. */
const SWEEP_OBJECTS = 40;

const SLICE_STORE_BYTES = 256 * 1024 * 1024;

type Asked = Omit<VolumePorts, 'slices'>;

/**
 * @param most - Most objects of a set.
 * @returns In the order of the manifest.
 */
export async function evaluateImages(
  asked: Asked,
  folder: string,
  items: readonly DatasetItem[],
  most: number,
): Promise<ObjectScore[]> {
  const some = await judgedOf(asked.signal, folder, firstOfEachSet(items, most));
  const sweep = sweepOf(some);
  const done = progressOf(
    'objects',
    some.reduce((sum, { objects }) => sum + objects.length, 0),
  );
  return inFlight(objectsIn(folder, some), IN_FLIGHT, async ({ item, object }) => {
    const isSwept = sweep.has(objectName(item.set, item.image.key, object.id));
    const score = await evaluateObject(asked, item, object, isSwept);
    done();
    return score;
  });
}

/** Objects that are large enough. They are known before any is asked about, so that the sweep is chosen among them. */
async function judgedOf(signal: AbortSignal, folder: string, items: readonly DatasetItem[]): Promise<DatasetItem[]> {
  const judged: DatasetItem[] = [];
  for (const item of items) {
    if (signal.aborted) throw new AppError('cancelled');
    const { objects, ...size } = await readAreas(folder, item);
    const large = objects.filter(({ pixels }) => area1024(pixels, size) >= LEAST_AREA_1024);
    if (large.length > 0) judged.push({ ...item, objects: large });
  }
  return judged;
}

function sweepOf(items: readonly DatasetItem[]): ReadonlySet<string> {
  const bySet = new Map<string, string[]>();
  for (const { set, image, objects } of items)
    bySet.set(set, [...(bySet.get(set) ?? []), ...objects.map(({ id }) => objectName(set, image, id))]);
  return new Set([...bySet.values()].flatMap((names) => [...sampleOf(names, SWEEP_OBJECTS)]));
}

async function* objectsIn(folder: string, items: readonly DatasetItem[]) {
  for (const listed of items) {
    const item: TruthImage = await readItem(folder, listed);
    for (const object of item.objects) yield { item, object };
  }
}

/** @throws AppError `input-invalid` where there are none, which is to be known before the images take their minutes. */
export async function findVolumes(folder: string, manifest: Manifest): Promise<readonly VolumeItem[]> {
  const listed = await listVolumes(folder, manifest);
  if (listed.length === 0)
    throw new AppError(
      'input-invalid',
      `${folder} has no volumes: models/README.md ("Making it again") says where they are looked for.`,
    );
  return listed;
}

/** @param most - Most objects of a set. */
export async function evaluateVolumes(
  asked: Asked,
  folder: string,
  listed: readonly VolumeItem[],
  most: number,
): Promise<VolumeScore[]> {
  const done = progressOf('volumes', listed.length);
  const ports = { ...asked, slices: memorySliceStore(SLICE_STORE_BYTES) };
  return inFlight(objectsInVolumes(folder, listed, most, done), IN_FLIGHT, async ({ volume, object }) =>
    evaluateVolumeObject(ports, volume, object),
  );
}

/** Volumes are large: one is read when the objects of the one before are under way. */
async function* objectsInVolumes(folder: string, listed: readonly VolumeItem[], most: number, done: () => void) {
  const left = new Map<string, number>();
  for (const item of listed) {
    const room = left.get(item.set) ?? most;
    if (room > 0) {
      const volume = await readVolume(folder, item);
      const some = objectsOf(volume).slice(0, room);
      left.set(item.set, room - some.length);
      for (const object of some) yield { volume, object };
    }
    done();
  }
}

/** The worst of all, and of each set, with what a picture of them needs. */
export async function worstCases(folder: string, items: readonly DatasetItem[], scores: readonly ObjectScore[]) {
  const caseOf = async (score: ObjectScore): Promise<Case[]> => {
    const item = items.find(
      ({ set, image, objects }) =>
        set === score.set && image === score.image && objects.some(({ id }) => id === score.object),
    );
    if (!item) throw new RangeError(`${score.image} is not in the manifest`);
    const { image, objects } = await readItem(folder, { ...item, objects: [{ id: score.object }] });
    return objects.map(({ truth }) => ({ score, image, truth }));
  };
  const casesOf = async (some: readonly ObjectScore[]) => (await Promise.all(worstOf(some).map(caseOf))).flat();
  const bySet = new Map<string, readonly Case[]>();
  for (const name of new Set(scores.map(({ set }) => set)))
    bySet.set(name, await casesOf(scores.filter(({ set }) => set === name)));
  return { worst: await casesOf(scores), worstBySet: bySet };
}
