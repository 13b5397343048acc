import { randomUUID } from 'node:crypto';
import type { Request } from '@ohif-medsam/protocol';
import { LESION } from './lesion.ts';
import { Page } from './page.ts';
import type { SyntheticSeries } from './syntheticSeries.ts';

const window = { kind: 'auto' } as const;

/** Around the ellipsoid in the middle slice. */
const BOX = [28, 22, 72, 54] as const;

export interface PromptedPage {
  readonly page: Page;
  readonly segmentId: string;
  /** A new box on a slice. */
  readonly prompt: (k?: number) => Request<'prompt:segment'>;
  readonly propagation: (k?: number) => Request<'propagation:start'>;
  /** The segment's masks as the page sees them: frame -> runs. */
  readonly masks: () => Record<string, readonly number[]>;
}

/** A page with a series open, all slices at the server, and a segment with a box's mask on the middle one. */
export async function openPrompted(url: string, series: SyntheticSeries, name = 'Ada'): Promise<PromptedPage> {
  const page = await Page.open(url, name);
  await page.openSeries(series.opening);
  for (let k = 0; k < series.frames.length; k++) await page.get('slice:put', series.put(k));
  const prompted = await withSegment(page, series);
  await page.get('prompt:segment', prompted.prompt());
  return prompted;
}

/** A page with a segment of its own, in which there is nothing yet. */
export async function withSegment(page: Page, series: SyntheticSeries): Promise<PromptedPage> {
  const { seriesUid } = series;
  const middle = Math.floor(series.frames.length / 2);
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  const of = (k: number) => {
    const { plane, hash: sliceHash } = series.put(k);
    return { seriesUid, segmentId, plane, sliceHash, window };
  };
  return {
    page,
    segmentId,
    prompt: (k = middle) => ({ ...of(k), promptId: randomUUID(), box: [...BOX] }),
    propagation: (k = middle) => ({ ...of(k), propagationId: randomUUID(), direction: 'both' }),
    masks: () =>
      Object.fromEntries(
        [...page.masks].flatMap(([key, runs]) => {
          const [segment, ...frame] = key.split('/');
          return segment === segmentId ? [[frame.join('/'), runs]] : [];
        }),
      ),
  };
}
