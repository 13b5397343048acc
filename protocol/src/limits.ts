/** What one message may hold. The server may be set lower, never higher: these bound what is allocated while parsing. */
export const LIMITS = {
  /** One slice: 4096 x 4096 pixels of float32, or the same of RGB. */
  sliceBytes: 4096 * 4096 * 4,
  columns: 16_384,
  rows: 16_384,
  framesPerSeries: 20_000,
  segments: 500,
  /** Boxes that stand in one document: they are sent whole. */
  promptsPerDocument: 2_000,
  /** Clicks that correct the mask of one box. */
  pointsPerBox: 32,
  labelLength: 64,
  commentLength: 2_000,
  /** Codes that narrow a segment's type or region. */
  modifiers: 8,
  /** Numbers in one run-length mask: two per run. A 512 x 512 checkerboard, the worst mask, has 262,144. */
  runNumbers: 1_000_000,
  cellsPerEdit: 2_000,
  hashesPerQuery: 20_000,
} as const;
