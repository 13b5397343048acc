import { inflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { slicePutSchema, type SlicePut } from '@ohif-medsam/protocol';

/** A binary event of socket.io: engine message, packet type, count of attachments, number of the answer, name and arguments. */
const BINARY_EVENT = /^451-\d*(\["slice:put",.*\])$/s;

/** Collects the slices that a page sends over its wire, with their raw pixels. */
export function sentSlices(page: Page): SlicePut[] {
  const sent: SlicePut[] = [];
  page.on('websocket', (socket) => {
    let message: Record<string, unknown> | undefined;
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') {
        const json = BINARY_EVENT.exec(payload)?.[1];
        message = json === undefined ? undefined : (JSON.parse(json) as [string, Record<string, unknown>])[1];
      } else if (message) {
        const put = slicePutSchema.parse({ ...message, pixels: new Uint8Array(payload) });
        sent.push(put.encoding === 'raw' ? put : { ...put, pixels: inflateRawSync(put.pixels) });
        message = undefined;
      }
    });
  });
  return sent;
}
