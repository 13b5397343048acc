import type { DicomJson, DicomJsonElement } from '../../ports/archive.ts';

export type Level = 'study' | 'series' | 'instance';

/** An attribute that can be searched for, and that search results hold. `computed` ones are counted, not read from files. */
export interface Attribute {
  readonly tag: string;
  readonly keyword: string;
  readonly vr: string;
  readonly level: Level;
  readonly computed?: true;
}

/** What PS3.18 tables 10.6.1-5 and 10.6.3-3 to -5 ask for, and what viewers ask for beyond. */
export const ATTRIBUTES: readonly Attribute[] = [
  { tag: '00080020', keyword: 'StudyDate', vr: 'DA', level: 'study' },
  { tag: '00080030', keyword: 'StudyTime', vr: 'TM', level: 'study' },
  { tag: '00080050', keyword: 'AccessionNumber', vr: 'SH', level: 'study' },
  { tag: '00080061', keyword: 'ModalitiesInStudy', vr: 'CS', level: 'study', computed: true },
  { tag: '00080062', keyword: 'SOPClassesInStudy', vr: 'UI', level: 'study', computed: true },
  { tag: '00080090', keyword: 'ReferringPhysicianName', vr: 'PN', level: 'study' },
  { tag: '00081030', keyword: 'StudyDescription', vr: 'LO', level: 'study' },
  { tag: '00100010', keyword: 'PatientName', vr: 'PN', level: 'study' },
  { tag: '00100020', keyword: 'PatientID', vr: 'LO', level: 'study' },
  { tag: '00100030', keyword: 'PatientBirthDate', vr: 'DA', level: 'study' },
  { tag: '00100040', keyword: 'PatientSex', vr: 'CS', level: 'study' },
  { tag: '0020000D', keyword: 'StudyInstanceUID', vr: 'UI', level: 'study' },
  { tag: '00200010', keyword: 'StudyID', vr: 'SH', level: 'study' },
  { tag: '00201206', keyword: 'NumberOfStudyRelatedSeries', vr: 'IS', level: 'study', computed: true },
  { tag: '00201208', keyword: 'NumberOfStudyRelatedInstances', vr: 'IS', level: 'study', computed: true },
  { tag: '00080021', keyword: 'SeriesDate', vr: 'DA', level: 'series' },
  { tag: '00080031', keyword: 'SeriesTime', vr: 'TM', level: 'series' },
  { tag: '00080060', keyword: 'Modality', vr: 'CS', level: 'series' },
  { tag: '0008103E', keyword: 'SeriesDescription', vr: 'LO', level: 'series' },
  { tag: '00180015', keyword: 'BodyPartExamined', vr: 'CS', level: 'series' },
  { tag: '0020000E', keyword: 'SeriesInstanceUID', vr: 'UI', level: 'series' },
  { tag: '00200011', keyword: 'SeriesNumber', vr: 'IS', level: 'series' },
  { tag: '00200052', keyword: 'FrameOfReferenceUID', vr: 'UI', level: 'series' },
  { tag: '00201209', keyword: 'NumberOfSeriesRelatedInstances', vr: 'IS', level: 'series', computed: true },
  { tag: '00400244', keyword: 'PerformedProcedureStepStartDate', vr: 'DA', level: 'series' },
  { tag: '00400245', keyword: 'PerformedProcedureStepStartTime', vr: 'TM', level: 'series' },
  { tag: '00080016', keyword: 'SOPClassUID', vr: 'UI', level: 'instance' },
  { tag: '00080018', keyword: 'SOPInstanceUID', vr: 'UI', level: 'instance' },
  { tag: '00083002', keyword: 'AvailableTransferSyntaxUID', vr: 'UI', level: 'instance' },
  { tag: '00200013', keyword: 'InstanceNumber', vr: 'IS', level: 'instance' },
  { tag: '00280008', keyword: 'NumberOfFrames', vr: 'IS', level: 'instance' },
  { tag: '00280010', keyword: 'Rows', vr: 'US', level: 'instance' },
  { tag: '00280011', keyword: 'Columns', vr: 'US', level: 'instance' },
  { tag: '00280100', keyword: 'BitsAllocated', vr: 'US', level: 'instance' },
];

/** The attributes of one level, an empty element where the header has none. */
export function pickLevel(header: DicomJson, level: Level): DicomJson {
  const own = ATTRIBUTES.filter((attribute) => attribute.level === level && !attribute.computed);
  return Object.fromEntries(own.map(({ tag, vr }): [string, DicomJsonElement] => [tag, header[tag] ?? { vr }]));
}

/** @param name - A keyword, or eight hex digits. */
export const findAttribute = (name: string): Attribute | undefined =>
  ATTRIBUTES.find(({ tag, keyword }) => keyword === name || tag === name.toUpperCase());
