/** Level and width in HU, and the words in BodyPartExamined or a protocol name that suggest them (PS3.16 CID 4030). */
export const CT_WINDOWS = [
  {
    id: 'abdomen',
    label: 'Abdomen',
    center: 40,
    width: 400,
    bodyParts: ['ABDOMEN', 'PELVIS', 'LIVER', 'KIDNEY', 'PANCREAS', 'SPLEEN'],
  },
  { id: 'lung', label: 'Lung', center: -600, width: 1500, bodyParts: ['LUNG'] },
  {
    id: 'mediastinum',
    label: 'Mediastinum',
    center: 40,
    width: 400,
    bodyParts: ['CHEST', 'THORAX', 'MEDIASTINUM', 'HEART'],
  },
  { id: 'brain', label: 'Brain', center: 40, width: 80, bodyParts: ['HEAD', 'BRAIN', 'SKULL'] },
  {
    id: 'bone',
    label: 'Bone',
    center: 400,
    width: 1800,
    bodyParts: ['SPINE', 'BONE', 'KNEE', 'SHOULDER', 'HIP', 'EXTREMITY', 'ANKLE', 'HAND'],
  },
  { id: 'liver', label: 'Liver', center: 70, width: 180, bodyParts: [] },
] as const satisfies readonly CtWindow[];

export interface CtWindow {
  readonly id: string;
  readonly label: string;
  readonly center: number;
  readonly width: number;
  readonly bodyParts: readonly string[];
}

/** The CT window for an anatomy; abdomen (soft tissue) where the header names none. */
export function ctWindowFor(bodyPart: string | undefined): CtWindow {
  const part = bodyPart?.toUpperCase() ?? '';
  const found = CT_WINDOWS.find((w) => w.bodyParts.some((word) => part.includes(word)));
  return found ?? CT_WINDOWS[0];
}
