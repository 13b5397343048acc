import type { Coding, Color } from '@ohif-medsam/protocol';

/** What a segment is coded as until somebody says more (DICOM PS3.16 CID 7150, CID 7166). */
export const TISSUE: Coding = {
  category: { value: '85756007', scheme: 'SCT', meaning: 'Tissue' },
  type: { value: '85756007', scheme: 'SCT', meaning: 'Tissue' },
};

/** Well apart from each other and from gray, also for the colour-blind (Okabe and Ito 2008). */
const COLORS: readonly Color[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [213, 94, 0],
  [204, 121, 167],
  [0, 114, 178],
];

export const colorFor = (number: number): Color => COLORS[(number - 1) % COLORS.length] ?? [230, 159, 0];
