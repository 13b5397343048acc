import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import { ModelProblem, type KnownOnPlane, type Segmented, type Tracker } from '../loadedModel.ts';
import type { Graph } from '../session.ts';
import type { Numbers } from '../tensors.ts';
import type { Answer, Features } from './contracts.ts';
import { inputMask } from './inputMask.ts';
import { Memories, type Memory } from './memories.ts';
import type { TrackingCard } from './trackingCard.ts';

/** Planes whose memory is read: as many before this one, and one more time for the anchors. */
const MEMORIES = 7;
/** Planes whose pointer is read, likewise. */
const MOST_POINTERS = 16;

interface Parts {
  readonly card: TrackingCard;
  readonly graphs: Readonly<Record<'adopt' | 'track' | 'memory', Graph>>;
  readonly encode: (image: SliceImage) => Promise<Features>;
  readonly segmented: (answer: Answer, image: SliceImage) => Segmented;
}

/**
 * SAM 2.1's walk through a volume, a plane at a time.
 * @see models/python/medsam_models/medsam2/tracker.py
 */
export function trackerOf({ card, graphs, encode, segmented }: Parts): Tracker {
  const { channels, grid, memoryChannels } = card.embedding;
  const { size } = card.input;
  const memories = new Memories();

  const remember = async ({ feat }: Features, { low, ptr, obj }: Answer, isAnchor: boolean): Promise<Memory> => {
    const { mem } = await graphs.memory.run({
      feat,
      low: { data: low, shape: [1, 1, 4 * grid, 4 * grid] },
      obj: { data: obj, shape: [1, 1] },
      is_prompt: { data: Float32Array.of(isAnchor ? 1 : 0), shape: [1] },
    });
    return { mem: mem!, ptr };
  };

  const adopt = async (known: KnownOnPlane): Promise<Memory> => {
    if (!known.image) throw new ModelProblem('There is no image of a plane that is to be remembered.');
    const features = await encode(known.image);
    const mask = { data: inputMask(known.mask, known.image, size), shape: [1, 1, size, size] };
    const answer = (await graphs.adopt.run({ feat: features.feat, mask })) as Answer;
    const memory = await remember(features, answer, known.isAnchor);
    memories.set(known, memory);
    return memory;
  };

  return {
    needsImage: (known) => isRead(known) && !memories.has(known),
    async track(image, known, planes) {
      // Looked up before anything is computed, which could push them out. A pointer of long ago is not worth computing again.
      const kept = known.map((each) => ({ ...each, memory: memories.get(each) }));
      const behind: Remembered[] = [];
      for (const each of kept) {
        const memory = each.memory ?? (isRead(each) ? await adopt(each) : undefined);
        if (memory) behind.push({ ...each, memory });
      }
      const features = await encode(image);
      const answer = (await graphs.track.run({ ...features, ...read(behind, planes) })) as Answer;
      const found = segmented(answer, image);
      const place = { imageKey: image.key, mask: found.runs, isAnchor: false };
      memories.set(place, await remember(features, answer, false));
      return found;
    },
  };

  function read(known: readonly Remembered[], planes: number): Record<string, Numbers> {
    const anchors = known.filter(({ isAnchor }) => isAnchor);
    const found = known.filter(({ isAnchor }) => !isAnchor).sort((a, b) => a.apart - b.apart);
    const pointers = Math.min(planes, MOST_POINTERS);
    const seen = [...anchors, ...found.filter(isRead).reverse()];
    const pointing = [
      ...anchors.filter(({ apart }) => apart >= 0),
      ...found.filter(({ apart }) => apart >= 1 && apart < pointers),
    ];
    return {
      mem: {
        data: joined(seen.map(({ memory }) => memory.mem)),
        shape: [seen.length, memoryChannels, grid, grid],
      },
      mem_t: vector(seen.map(({ isAnchor, apart }) => (isAnchor ? 0 : MEMORIES - apart))),
      ptrs: { data: joined(pointing.map(({ memory }) => memory.ptr)), shape: [pointing.length, channels] },
      ptr_dt: vector(pointing.map(({ apart }) => apart / Math.max(pointers - 1, 1))),
    };
  }
}

type Remembered = KnownOnPlane & { readonly memory: Memory };

/** Whether the plane itself is looked at, not only the pointer that was made of it. */
const isRead = ({ isAnchor, apart }: KnownOnPlane): boolean => isAnchor || (apart >= 1 && apart < MEMORIES);

const vector = (values: readonly number[]): Numbers => ({ data: Float32Array.from(values), shape: [values.length] });

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
