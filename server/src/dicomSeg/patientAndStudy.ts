import type { DicomJson } from '../ports/archive.ts';
import { itemsOf } from '../ports/dicomJson.ts';
import { attributes } from './attributes.ts';

/**
 * Everything that says who the patient and what the study is (PS3.3 C.7.1.1, C.7.1.3, C.7.2.1, C.7.2.2, C.7.2.3): archives and
 * `dcentvfy` expect it the same in every instance of a study.
 */
const TAGS = [
  ...['00100010', '00100020', '00100021', '00100022', '00100024', '00100030', '00100032', '00100033', '00100034'],
  ...['00100040', '00100200', '00100212', '00100213', '00100214', '00100215', '00100216', '00100217', '00100218'],
  ...['00100219', '00100221', '00101000', '00101001', '00101002', '00102160', '00104000', '00102201', '00102202'],
  ...['00102292', '00102293', '00102294', '00102295', '00102296', '00102297', '00102298', '00102299'],
  ...['00120010', '00120020', '00120021', '00120030', '00120031', '00120040', '00120042', '00120050', '00120051'],
  ...['00120052', '00120053', '00120062', '00120063', '00120064', '00120081', '00120082', '00120083'],
  ...['0020000D', '00080020', '00080030', '00080050', '00080051', '00080090', '00080096', '0008009C', '0008009D'],
  ...['00080201', '00081030', '00081032', '00081048', '00081049', '00081060', '00081062', '00081110', '00200010'],
  ...['00101010', '00101020', '00101021', '00101022', '00101023', '00101024', '00101030', '00102180', '001021B0'],
  ...['00102203', '00081080', '00081084', '00380010', '00380014', '00380060', '00380062', '00380064', '00380500'],
  // Patient Medical, which image objects carry.
  ...['00102000', '00102110', '001021A0', '001021C0', '001021D0', '00380050'],
];

/** @param source - Header of an instance that was segmented. Values that the archive keeps apart from it are not copied. */
export function patientAndStudy(source: DicomJson): DicomJson {
  const copied = TAGS.flatMap((tag) => (source[tag] ? [[tag, source[tag]] as const] : []));
  return { ...REQUIRED, ...withoutBulkData(Object.fromEntries(copied)) };
}

function withoutBulkData(dataset: DicomJson): DicomJson {
  const elements = Object.entries(dataset)
    .filter(([, { BulkDataURI }]) => BulkDataURI === undefined)
    .map(([tag, element]) =>
      element.vr === 'SQ' ? [tag, { ...element, Value: itemsOf(dataset, tag).map(withoutBulkData) }] : [tag, element],
    );
  return Object.fromEntries(elements) as DicomJson;
}

/** Attributes of type 2: written even where the source has none. */
const REQUIRED = attributes({
  PatientName: [],
  PatientID: [],
  PatientBirthDate: [],
  PatientSex: [],
  StudyDate: [],
  StudyTime: [],
  AccessionNumber: [],
  ReferringPhysicianName: [],
  StudyID: [],
});
