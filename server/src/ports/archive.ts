/**
 * Where studies live: a PACS over DICOMweb, or the embedded archive. Headers travel in the DICOM JSON Model
 * (PS3.18 annex F): tag as eight upper-case hex digits -> `{ vr, Value? , BulkDataURI? }`.
 */
export interface DicomJsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}
export type DicomJson = Readonly<Record<string, DicomJsonElement>>;

/** What became of one instance of a STOW-RS request (PS3.18 table 10.5.3-1). */
export type StoreOutcome =
  | { readonly sopInstanceUid: string; readonly stored: true; readonly warning?: string }
  | { readonly sopInstanceUid: string; readonly stored: false; readonly reasonCode: number; readonly reason: string };

export interface SeriesName {
  readonly studyUid: string;
  readonly seriesUid: string;
}
export interface InstanceName extends SeriesName {
  readonly sopInstanceUid: string;
}

/** @throws AppError `archive-unreachable`, `archive-refused` or `archive-timeout`; `not-found` where the name is unknown. */
export interface Archive {
  /** QIDO-RS on series of a study: one header per series, with at least UID, modality, number and description. */
  searchSeries(studyUid: string, signal?: AbortSignal): Promise<readonly DicomJson[]>;
  /** WADO-RS metadata: the header of every instance of the series, without pixel data, in no particular order. */
  seriesMetadata(series: SeriesName, signal?: AbortSignal): Promise<readonly DicomJson[]>;
  /** WADO-RS instance with transfer-syntax=*: the Part 10 file, byte for byte as it was stored. */
  instance(name: InstanceName, signal?: AbortSignal): Promise<Uint8Array>;
  /** STOW-RS of Part 10 files; one outcome per file, in their order, whatever the HTTP status said. */
  store(studyUid: string, files: readonly Uint8Array[], signal?: AbortSignal): Promise<readonly StoreOutcome[]>;
}
