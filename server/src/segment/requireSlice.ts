import { AppError, type Plane } from '@ohif-medsam/protocol';
import type { Slice, SliceStore } from '../ports/sliceStore.ts';

/** @throws AppError `slice-missing` if the pixels are not (any longer) here; the viewer then sends them and asks again. */
export function requireSlice(
  slices: SliceStore,
  name: { readonly seriesUid: string; readonly plane: Plane; readonly sliceHash: string },
): Slice {
  const slice = slices.get(name.seriesUid, name.plane, name.sliceHash);
  if (!slice) throw new AppError('slice-missing');
  return slice;
}
