import {
  boundAbdomen,
  KIDNEYS,
  liverDepth,
  paintAdrenals,
  paintFascia,
  paintGallbladder,
  paintKidney,
  paintKidneyLesion,
  paintLiver,
  paintLiverLesion,
  paintPancreas,
  paintSpleen,
  paintStomach,
} from './anatomy/organs.ts';
import { buildRibCage, paintRibCage, paintSpine } from './anatomy/bones.ts';
import { buildBowel, paintBowel } from './anatomy/bowel.ts';
import { measureDiaphragm, paintHeart, paintLungs } from './anatomy/chest.ts';
import { paintMuscles } from './anatomy/muscles.ts';
import { measureTorso, paintTable, paintTorso } from './anatomy/torso.ts';
import { buildVessels, paintHepaticVessels, paintMesentery, paintVessels } from './anatomy/vessels.ts';
import { createCanvas, SIZE, type Canvas } from './canvas.ts';
import { blur, scannerNoise } from './noise.ts';

export const PHANTOM_SLICES = 64;
export const SLICE_MM = 3.75;
const SEED = 20_260_723;
/** Blur of the scanner, and its noise at the skin and in the middle, where the fewest photons arrive. */
const BLUR_PIXELS = 0.75;
const NOISE_HU = { edge: 7, middle: 15 };

export interface PhantomSlice {
  /** Hounsfield units, row by row, SIZE x SIZE; rows run to the back, columns to the patient's left. */
  readonly hu: Int16Array;
  /** PHANTOM_LABELS, laid out as `hu`. */
  readonly labels: Uint8Array;
}

const ribCage = buildRibCage();
const vessels = buildVessels(SEED + 100);
const bowel = buildBowel(SEED + 200);

/** Draws one slice. @param index - 0 is the lowest (towards the feet); neighbours are SLICE_MM apart. */
export function phantomSlice(index: number): PhantomSlice {
  const canvas = paintAnatomy(index);
  paintTable(canvas);
  blur(canvas.hu, SIZE, BLUR_PIXELS);
  return { hu: scan(canvas, index), labels: canvas.labels };
}

/** The known truth of one slice, without the scanner. */
export const phantomLabels = (index: number): Uint8Array => paintAnatomy(index).labels;

/** From the skin inwards and from what is squeezed to what squeezes it: later tissues cover earlier ones. */
function paintAnatomy(index: number): Canvas {
  const canvas = createCanvas(index * SLICE_MM, SEED);
  const torso = measureTorso(canvas);
  const belowDiaphragm = measureDiaphragm(canvas, torso);
  const abdomen = boundAbdomen(torso, belowDiaphragm);
  paintTorso(canvas, torso);
  paintFascia(canvas);
  paintMesentery(canvas, vessels, abdomen.inside);
  paintBowel(canvas, bowel, abdomen.inside);
  paintStomach(canvas, abdomen);
  paintSpleen(canvas, abdomen);
  const liver = liverDepth(canvas, abdomen);
  if (liver) {
    paintLiver(canvas, liver);
    paintHepaticVessels(canvas, vessels, liver.depth);
    paintLiverLesion(canvas, liver);
  }
  paintGallbladder(canvas);
  for (const kidney of KIDNEYS) paintKidney(canvas, kidney);
  paintKidneyLesion(canvas);
  paintAdrenals(canvas);
  paintPancreas(canvas);
  paintLungs(canvas, torso, belowDiaphragm, vessels.lung);
  paintHeart(canvas, belowDiaphragm);
  paintMuscles(canvas, torso);
  paintSpine(canvas);
  paintVessels(canvas, vessels);
  paintRibCage(canvas, ribCage);
  return canvas;
}

function scan({ hu }: Canvas, index: number): Int16Array {
  const noise = scannerNoise(SIZE, SEED + 1000 + index);
  const scanned = new Int16Array(hu.length);
  const middle = (SIZE - 1) / 2;
  for (let pixel = 0; pixel < hu.length; pixel++) {
    const dx = (pixel % SIZE) - middle;
    const dy = Math.floor(pixel / SIZE) - middle;
    const fromMiddle = Math.min(1, Math.sqrt(dx * dx + dy * dy) / middle);
    const sigma = NOISE_HU.middle + (NOISE_HU.edge - NOISE_HU.middle) * fromMiddle;
    const value = Math.round((hu[pixel] ?? 0) + sigma * (noise[pixel] ?? 0));
    scanned[pixel] = Math.max(-1024, Math.min(3071, value));
  }
  return scanned;
}
