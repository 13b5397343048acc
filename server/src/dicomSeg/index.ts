export { buildSegmentation, type SegContent, type Segmentation } from './buildSegmentation.ts';
export type { Equipment, SegIdentity } from './instanceAttributes.ts';
export { listSegmentations } from './listSegmentations.ts';
export { openSegmentation, type OpenedSegmentation } from './openSegmentation.ts';
export { readSegmentation, type ReadSegmentationFile, type StoredSegmentationFile } from './readSegmentation.ts';
export { saveSegmentation, type SaveRequest, type WriteSegmentation } from './saveSegmentation.ts';
export { sourceFrames, type SourceFrame } from './sourceFrames.ts';
export { uidOf } from './uid.ts';
