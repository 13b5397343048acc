export { joinedMasks } from './grow.ts';
export { keepDocuments, type Documents, type SeriesShape } from './documents.ts';
export type { PropagationOperation } from './operations.ts';
export type { Author } from './resolve.ts';
export type { SegmentNow } from './segmentNow.ts';
export type { UnfinishedPropagation } from './unfinished.ts';
