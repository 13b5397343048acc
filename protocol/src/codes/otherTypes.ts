import type { Row } from './code.ts';

/** What is not as it should be. */
export const LESIONS: readonly Row[] = [
  ['52988006', 'Lesion', 'finding', 'target'],
  ['108369006', 'Neoplasm', 'tumor', 'tumour'],
  ['86049000', 'Neoplasm, Primary', 'primary tumor', 'cancer', 'malignancy'],
  ['14799000', 'Neoplasm, Secondary', 'metastasis', 'secondary tumor'],
  ['4147007', 'Mass'],
  ['27925004', 'Nodule', 'pulmonary nodule'],
  ['367643001', 'Cyst'],
  ['44132006', 'Abscess'],
  ['79654002', 'Edema', 'oedema'],
  ['50960005', 'Hemorrhage', 'haemorrhage', 'bleeding'],
  ['35566002', 'Hematoma', 'haematoma'],
  ['75753009', 'Blood clot', 'coagulum'],
  ['396339007', 'Thrombus'],
  ['55584005', 'Embolus', 'embolism'],
  ['85659009', 'Aneurysm'],
  ['1522000', 'Plaque'],
  ['6574001', 'Necrosis'],
  ['409774005', 'Inflammation'],
  ['56208002', 'Ulcer'],
  ['41699000', 'Effusion'],
];

export const TISSUES: readonly Row[] = [
  ['85756007', 'Tissue', 'other'],
  ['248300009', 'Body fat', 'adipose tissue'],
  ['67769002', 'Subcutaneous fatty tissue'],
  ['71966008', 'Subcutaneous tissue'],
  ['39937001', 'Skin', 'dermal'],
  ['71616004', 'Muscle'],
  ['127954009', 'Skeletal muscle'],
  ['272673000', 'Bone'],
  ['309312004', 'Cartilage'],
  ['52082005', 'Ligament'],
  ['13024002', 'Tendon'],
  ['74135004', 'Meniscus'],
  ['21793004', 'Connective tissue'],
  ['12402003', 'Scar tissue'],
  ['59441001', 'Lymph node'],
  ['119410002', 'Nerve'],
  ['113343008', 'Organ'],
];

export const BODY_SUBSTANCES: readonly Row[] = [
  ['74947009', 'Gas', 'air'],
  ['32457005', 'Body fluid', 'fluid'],
  ['87612001', 'Blood'],
  ['70150004', 'Bile'],
  ['78014005', 'Urine'],
  ['39477002', 'Feces', 'stool'],
  ['77012006', 'Amniotic fluid'],
];

export const SUBSTANCES: readonly Row[] = [['7140000', 'Contrast agent', 'contrast medium']];

export const OBJECTS: readonly Row[] = [
  ['40388003', 'Implant'],
  ['53350007', 'Prosthesis'],
  ['65818007', 'Stent'],
  ['19923001', 'Catheter'],
  ['14106009', 'Cardiac pacemaker'],
  ['360129009', 'Cardiac pacemaker lead'],
  ['72506001', 'Defibrillator', 'ICD'],
  ['25510005', 'Heart valve prosthesis'],
  ['257409000', 'Vena cava filter'],
  ['102314001', 'Embolization coil'],
  ['77720000', 'Clip', 'surgical clip'],
  ['27065002', 'Suture'],
  ['68183006', 'Bone screw'],
  ['77444004', 'Bone pin'],
  ['27606000', 'Dental prosthesis'],
  ['26412008', 'Endotracheal tube'],
  ['25062003', 'Feeding tube'],
  ['286558002', 'Ureteric stent'],
  ['19443004', 'Radioactive implant', 'seed'],
  ['79068005', 'Needle'],
  ['19227008', 'Foreign body'],
  ['86407004', 'Table', 'couch'],
];
