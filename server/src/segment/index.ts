export { modelView } from './modelView.ts';
export { segmentFromBox, type BoxResult, type CorrectedBox, type SegmentFromBox } from './segmentFromBox.ts';
export { requireSlice } from './requireSlice.ts';
export { visibleSlices, type VisibleSlices } from './visibleSlices.ts';
export { sameWindow, windowSlice, type SeriesFacts, type WindowedSlice } from './window.ts';
