export { CATEGORIES, type SegmentType } from './code.ts';
export { REGIONS } from './regions.ts';
export { COMMON_TYPES, searchCodes, searchRegions, SEGMENT_TYPES } from './searchCodes.ts';
