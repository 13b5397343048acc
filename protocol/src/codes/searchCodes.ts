import type { Code } from '../messages/primitives.ts';
import { ABDOMEN_AND_PELVIS } from './abdomenAndPelvis.ts';
import { BONES_AND_MUSCLES } from './bonesAndMuscles.ts';
import { CATEGORIES, typesOf, type SegmentType } from './code.ts';
import { HEAD_AND_NECK } from './headAndNeck.ts';
import { BODY_SUBSTANCES, LESIONS, OBJECTS, SUBSTANCES, TISSUES } from './otherTypes.ts';
import { REGIONS } from './regions.ts';
import { THORAX } from './thorax.ts';
import { VESSELS } from './vessels.ts';

/** Everything that a segment can be coded as (SNOMED CT). */
export const SEGMENT_TYPES: readonly SegmentType[] = [
  ...typesOf(CATEGORIES.lesion, LESIONS),
  ...typesOf(CATEGORIES.anatomy, [
    ...ABDOMEN_AND_PELVIS,
    ...THORAX,
    ...HEAD_AND_NECK,
    ...VESSELS,
    ...BONES_AND_MUSCLES,
  ]),
  ...typesOf(CATEGORIES.tissue, TISSUES),
  ...typesOf(CATEGORIES.bodySubstance, BODY_SUBSTANCES),
  ...typesOf(CATEGORIES.substance, SUBSTANCES),
  ...typesOf(CATEGORIES.object, OBJECTS),
];

/** Lesion and the organs that are segmented most: a click away. */
const COMMON = [
  ...['52988006', '108369006', '10200004', '64033007', '78961009', '15776009', '39607008', '80891009', '15825003'],
  ...['12738006', '41216001', '89837001', '51282000', '59441001'],
];
export const COMMON_TYPES: readonly SegmentType[] = COMMON.flatMap(
  (value) => SEGMENT_TYPES.find((type) => type.value === value) ?? [],
);

/**
 * Segment types by what a person types: all words have to occur in the name or in one other word for it, best match first.
 * Without text, the common ones. A SNOMED CT code finds itself.
 */
export const searchCodes = (text: string, limit = 30): readonly SegmentType[] =>
  (plain(text) === '' ? COMMON_TYPES : ranked(SEGMENT_TYPES, text)).slice(0, limit);

/** Body regions in the same way; without text, all of them from head to foot. */
export const searchRegions = (text: string, limit = 30): readonly Code[] =>
  (plain(text) === '' ? REGIONS : ranked(REGIONS, text)).slice(0, limit);

type Named = Code & { readonly synonyms: readonly string[] };

function ranked<T extends Named>(codes: readonly T[], text: string): T[] {
  const wanted = plain(text);
  const scored = codes.map((code) => ({ code, score: scoreOf(code, wanted) })).filter(({ score }) => score > 0);
  return scored.sort((a, b) => b.score - a.score).map(({ code }) => code);
}

/** 0 for no match. A whole name beats a beginning, a beginning a word inside, and a name another word for it. */
function scoreOf({ value, meaning, synonyms }: Named, wanted: string): number {
  if (value === wanted) return 100;
  const own = 2 * likeness(plain(meaning), wanted) + (likeness(plain(meaning), wanted) > 0 ? 1 : 0);
  return Math.max(own, ...synonyms.map((synonym) => 2 * likeness(plain(synonym), wanted)));
}

function likeness(name: string, wanted: string): number {
  if (name === wanted) return 4;
  if (name.startsWith(wanted)) return 3;
  const words = name.split(/[\s,/]+/);
  const starts = wanted.split(/\s+/);
  if (starts.every((start) => words.some((word) => word.startsWith(start)))) return 2;
  return starts.every((start) => name.includes(start)) ? 1 : 0;
}

/** Lower case, without accents. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .trim();
