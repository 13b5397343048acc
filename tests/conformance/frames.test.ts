import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bulkRanges } from '../../server/src/adapters/dicom/bulkRanges.ts';
import { encodedFrame } from '../../server/src/adapters/dicom/encodedFrame.ts';
import { pixelFactsOf } from '../../server/src/adapters/dicom/pixelFacts.ts';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { frameCountOf } from '../../server/src/ports/dicomJson.ts';
import { describeWith, SHARED_DATA, sharedData } from './tools.ts';

/** 1-bit frames that share bytes cannot be cut out of the file. */
const WITHOUT_FRAMES = ['seg_image_sm_dots.dcm'];

describeWith([sharedData], 'frames that the embedded archive cuts out of real files', () => {
  it('are those that the decoder reads, native or compressed, in one fragment or many', async () => {
    const entries = await readdir(join(SHARED_DATA, 'dicom'), { recursive: true, withFileTypes: true });
    const paths = entries
      .filter(({ name }) => name.endsWith('.dcm'))
      .map((entry) => join(entry.parentPath, entry.name));
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const file = await readFile(path);
      const part10 = readPart10(file);
      const { frames } = bulkRanges(part10);
      if (WITHOUT_FRAMES.some((name) => path.endsWith(name))) {
        expect(frames, path).toEqual([]);
        continue;
      }
      expect(frames, path).toHaveLength(frameCountOf(part10.header));
      for (const [index, ranges] of frames.entries()) {
        const cut = Buffer.concat(ranges.map(([offset, length]) => file.subarray(offset, offset + length)));
        const read = encodedFrame(part10, index + 1, pixelFactsOf(part10.header, index + 1));
        expect(Buffer.compare(cut, read), `${path}, frame ${String(index + 1)}`).toBe(0);
      }
    }
  });

  it('are labelled as what they are, even where the file says otherwise', async () => {
    const file = await readFile(join(SHARED_DATA, 'dicom', 'op_dx_dcmjs', 'sample-op.dcm'));
    const part10 = readPart10(file);
    // Says lossless, holds lossy JPEG.
    expect(part10.transferSyntaxUid).toBe('1.2.840.10008.1.2.4.70');
    expect(bulkRanges(part10).frameSyntaxUid).toBe('1.2.840.10008.1.2.4.50');
  });
});
