/** Failure Reason (0008,1197): DICOM PS3.18 table I.2.2 and PS3.4 table B.2-1. */
export const FAILURE = {
  processingFailure: 0x0110,
  duplicateInstance: 0x0111,
  noSuchSopClass: 0x0122,
  outOfResources: 0xa700,
  datasetMismatch: 0xa900,
  cannotUnderstand: 0xc000,
} as const;

const TEXTS: Readonly<Record<number, string>> = {
  [FAILURE.processingFailure]: 'The archive failed while storing the object.',
  [FAILURE.duplicateInstance]: 'The archive holds another object with this SOP Instance UID.',
  [FAILURE.noSuchSopClass]: 'The archive does not store objects of this SOP class.',
  [FAILURE.outOfResources]: 'The archive has no space left or cannot write.',
  [FAILURE.datasetMismatch]: 'The object does not fit its SOP class or the study it was sent to.',
  [FAILURE.cannotUnderstand]: 'The archive does not understand the object.',
  0x0124: 'The archive does not allow this user to store.',
  0x0213: 'The archive has too little memory or disk space.',
};

/** Codes A7xx, A9xx and Cxxx are families: the low digits are the archive's own. */
export function failureText(code: number): string {
  const family = (code & 0xf000) === 0xc000 ? FAILURE.cannotUnderstand : code & 0xff00;
  return TEXTS[code] ?? TEXTS[family] ?? `The archive gave the reason 0x${code.toString(16).padStart(4, '0')}.`;
}
