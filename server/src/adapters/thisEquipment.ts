import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Equipment } from '../dicomSeg/index.ts';
import { VERSION } from '../version.ts';

/** Who the DICOM-SEG says wrote it. The serial number tells installations apart without naming the machine. */
export const thisEquipment: Equipment = {
  manufacturer: 'ohif-medsam',
  modelName: 'ohif-medsam',
  serialNumber: createHash('sha256').update(hostname()).digest('hex').slice(0, 16),
  softwareVersion: VERSION,
};
