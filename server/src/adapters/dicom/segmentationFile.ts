import { AppError } from '@ohif-medsam/protocol';
import type { StoredSegmentationFile } from '../../dicomSeg/index.ts';
import { decodeFrame } from './decodeFrame.ts';
import { encodedFrame, pixelElement } from './encodedFrame.ts';
import { pixelFactsOf } from './pixelFacts.ts';
import { readPart10 } from './readPart10.ts';
import { isNative } from './transferSyntax.ts';

/** Opens a Part 10 file that should hold a segmentation. @throws AppError `dicom-invalid` */
export function segmentationFile(file: Uint8Array): StoredSegmentationFile {
  const part10 = readPart10(file);
  return {
    header: part10.header,
    packedBits() {
      if (!isNative(part10.transferSyntaxUid)) throw new AppError('dicom-unsupported', 'Its bits are compressed.');
      const { dataOffset, length } = pixelElement(part10);
      return part10.dataSet.byteArray.subarray(dataOffset, dataOffset + length);
    },
    async frame(frameNumber) {
      // A palette says how labels are shown; what counts here is the labels.
      const facts = { ...pixelFactsOf(part10.header, frameNumber), palette: undefined };
      const bytes = encodedFrame(part10, frameNumber, facts);
      return (await decodeFrame(bytes, part10.transferSyntaxUid, facts)).pixels;
    },
  };
}
