/** A process that draws every `step`-th slice of the phantom from `first` on, and sends each as a DICOM file. */
import { PHANTOM_SLICES } from './phantomSlice.ts';
import { phantomFile } from './phantomStudy.ts';

const [first = 0, step = 1] = process.argv.slice(2).map(Number);
for (let index = first; index < PHANTOM_SLICES; index += step) {
  const file = phantomFile(index);
  await new Promise<void>((resolve) => process.send?.(file, () => resolve()));
}
process.disconnect();
