/** A float32 tensor, row-major. */
export interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}
/** By name. */
export type Inputs = Readonly<Record<string, Numbers>>;
export type Outputs = Readonly<Record<string, Float32Array>>;
