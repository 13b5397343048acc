/** Ground truth of the phantom: exclusive labels, 0 is everything else. */
export const PHANTOM_LABELS = {
  liver: 1,
  kidneyRight: 2,
  kidneyLeft: 3,
  spleen: 4,
  vertebrae: 5,
  aorta: 6,
  lungs: 7,
  liverLesion: 8,
  kidneyLesion: 9,
  stomach: 10,
  gallbladder: 11,
  heart: 12,
} as const;
export type PhantomStructure = keyof typeof PHANTOM_LABELS;
