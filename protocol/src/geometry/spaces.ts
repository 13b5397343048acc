declare const space: unique symbol;
type InSpace<S extends string> = readonly [number, number, number] & { readonly [space]?: S };

/** Index (i, j, k) of a voxel: column, row, frame in geometric order; 0-based, integers are voxel centres. */
export type IjkPoint = InSpace<'ijk'>;
/** Millimetres in the patient: +x left, +y posterior, +z head (DICOM PS3.3 C.7.6.2.1.1). */
export type LpsPoint = InSpace<'lps-mm'>;
/** A direction or difference in patient space. */
export type Vector = readonly [number, number, number];

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
