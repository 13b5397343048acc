import { AppError, type ErrorCode } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import type { Archive } from '../ports/archive.ts';
import { attributes } from './attributes.ts';
import { listSegmentations } from './listSegmentations.ts';

const SERIES = { studyUid: '1.2', seriesUid: '1.2.1' };

/** An archive with as many SEG series as there are answers: a code where it fails, otherwise one segmentation. */
function archiveOf(answers: readonly (ErrorCode | undefined)[]) {
  const seen = { atOnce: 0, most: 0 };
  const archive: Pick<Archive, 'searchSeries' | 'seriesMetadata'> = {
    searchSeries: () =>
      Promise.resolve(
        answers.map((_, n) => attributes({ Modality: ['SEG'], SeriesInstanceUID: [`1.3.${String(n)}`] })),
      ),
    async seriesMetadata({ seriesUid }) {
      seen.most = Math.max(seen.most, ++seen.atOnce);
      await new Promise((resolve) => setTimeout(resolve));
      seen.atOnce--;
      const code = answers[Number(seriesUid.split('.').at(-1))];
      if (code !== undefined) throw new AppError(code);
      const referenced = attributes({ SeriesInstanceUID: [SERIES.seriesUid] });
      return [attributes({ SeriesInstanceUID: [seriesUid], ReferencedSeriesSequence: [referenced] })];
    },
  };
  return { list: () => listSegmentations({ archive: archive as Archive })(SERIES), seen };
}

it('a series that the archive cannot answer for hides no other one, and is counted; one that is gone is not', async () => {
  const { list } = archiveOf(['archive-refused', undefined, 'not-found', 'archive-timeout', undefined]);
  const { stored, unreadableSeries } = await list();
  expect(stored.map(({ segSeriesUid }) => segSeriesUid)).toEqual(['1.3.1', '1.3.4']);
  expect(unreadableSeries).toBe(2);
});

it('is over when it is cancelled', async () => {
  await expect(archiveOf([undefined, 'cancelled']).list()).rejects.toMatchObject({ code: 'cancelled' });
});

it('asks for a few series at a time, however many there are', async () => {
  const { list, seen } = archiveOf(new Array<undefined>(30).fill(undefined));
  expect((await list()).stored).toHaveLength(30);
  expect(seen.most).toBeLessThanOrEqual(8);
});
