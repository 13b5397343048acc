import type { Code, Color } from '../messages/primitives.ts';

/** What a segment can show: its coded type with the category it belongs to. */
export interface SegmentType extends Code {
  readonly category: Code;
  /** Other words by which people look for it. */
  readonly synonyms: readonly string[];
  /** A colour to begin with. */
  readonly color: Color;
}

const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });

/** Segmentation property categories (PS3.16 CID 7150), as most segmentations in archives code them. */
export const CATEGORIES = {
  anatomy: sct('123037004', 'Anatomical Structure'),
  lesion: sct('49755003', 'Morphologically Altered Structure'),
  tissue: sct('85756007', 'Tissue'),
  bodySubstance: sct('91720002', 'Body Substance'),
  substance: sct('105590001', 'Substance'),
  object: sct('260787004', 'Physical object'),
} as const;

/** One line of a list: SNOMED CT code, meaning, other words. */
export type Row = readonly [value: string, meaning: string, ...synonyms: string[]];

export const typesOf = (category: Code, rows: readonly Row[]): SegmentType[] =>
  rows.map(([value, meaning, ...synonyms]) => ({ ...sct(value, meaning), category, synonyms, color: colorOf(value) }));

export const codesOf = (rows: readonly Row[]): (Code & { readonly synonyms: readonly string[] })[] =>
  rows.map(([value, meaning, ...synonyms]) => ({ ...sct(value, meaning), synonyms }));

/** Structures that everybody expects in a certain colour. */
const EXPECTED: Readonly<Record<string, Color>> = {
  '10200004': [196, 112, 80],
  '15776009': [240, 200, 96],
  '15825003': [224, 64, 48],
  '28231008': [120, 184, 72],
  '39607008': [144, 200, 232],
  '52988006': [255, 168, 32],
  '64033007': [184, 96, 144],
  '69695003': [216, 144, 160],
  '78961009': [152, 88, 184],
  '80891009': [208, 72, 96],
  '89837001': [232, 216, 104],
  '108369006': [240, 96, 56],
};

/** Bright enough for a dark background. Other codes take a hue from their digits, so that a code always looks the same. */
function colorOf(value: string): Color {
  const expected = EXPECTED[value];
  if (expected) return expected;
  // Multiplied by the golden ratio, neighbouring numbers land far apart on the circle.
  const hue = ((Number(value) * 0.618033988749895) % 1) * 6;
  const channel = (at: number) => Math.round(96 + 144 * Math.min(1, Math.max(0, 2 - Math.abs(((hue + at) % 6) - 3))));
  return [channel(3), channel(1), channel(5)];
}
