import type { Request } from '@ohif-medsam/protocol';
import { sourceFrames } from '../../server/src/dicomSeg/index.ts';
import { textOf } from '../../server/src/ports/dicomJson.ts';
import type { SourceSeries } from '../fixtures/sourceSeries.ts';

/** The message with which a viewer opens a series. */
export function announce({ headers }: SourceSeries): Request<'series:open'> {
  const [studyUid = '', seriesUid = '', modality = ''] = ['0020000D', '0020000E', '00080060'].map((tag) =>
    textOf(headers[0] ?? {}, tag),
  );
  const frames = sourceFrames(headers).map(
    ({ sopInstanceUid, sopClassUid, frameNumber, rows, columns, position, orientation, pixelSpacing }) => ({
      ...{ sopInstanceUid, sopClassUid, frameNumber, rows, columns },
      ...(position && { position }),
      ...(orientation && { orientation }),
      ...(pixelSpacing && { pixelSpacing }),
    }),
  );
  return { studyUid, seriesUid, modality, frames };
}
