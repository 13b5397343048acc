import type { Code, Coding, SegmentType } from '@ohif-medsam/protocol';

/** Codes alone: the lists hold more than a document keeps. */
const codeOf = ({ value, scheme, meaning }: Code): Code => ({ value, scheme, meaning });

// A modifier is of one code: the "left" of a kidney is not that of what takes its place.

/** The segment shows something else, at the same place. */
export const withType = ({ region, regionModifiers }: Coding, type: SegmentType): Coding => ({
  category: codeOf(type.category),
  type: codeOf(type),
  ...(region && { region }),
  ...(regionModifiers && { regionModifiers }),
});

/** The segment lies somewhere else, or nobody says where. */
export const withRegion = ({ category, type, typeModifiers }: Coding, region: Code | undefined): Coding => ({
  category,
  type,
  ...(typeModifiers && { typeModifiers }),
  ...(region && { region: codeOf(region) }),
});

/** As people read it: "Kidney Left, Abdomen". */
export function meaningOf({ type, typeModifiers = [], region, regionModifiers = [] }: Coding): string {
  const what = [type, ...typeModifiers];
  const where = region ? [region, ...regionModifiers] : [];
  const said = [what, where].map((codes) => codes.map(({ meaning }) => meaning).join(' '));
  return said.filter((text) => text !== '').join(', ');
}
