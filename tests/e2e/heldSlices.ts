import type { Page } from 'playwright-core';
import { phantomIndexOf } from './phantom.ts';

/** A binary event of socket.io that brings an acquired slice; its pixels are the next message. */
const SLICE_PUT = /^451-\d*\["slice:put",.*"frame":"([\d.]+)\/1"/s;
/** Slices each way that pass all the same, so that a propagation begins. */
const NEAR = 3;

/** The slices of the demonstration study that a page sends, which can be held back. */
export interface HeldSlices {
  /** From now on, but for those next to the slice `index`. */
  holdAllBut(index: number): void;
  letGo(): void;
}

/** To be called before the page loads. */
export async function heldSlices(page: Page): Promise<HeldSlices> {
  let near: number | undefined;
  const held: (() => void)[] = [];
  const isHeld = (sopInstanceUid: string) => {
    const index = phantomIndexOf(sopInstanceUid);
    return near !== undefined && index >= 0 && Math.abs(index - near) > NEAR;
  };
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    let holds = false;
    socket.onMessage((message) => {
      const uid = typeof message === 'string' ? SLICE_PUT.exec(message)?.[1] : undefined;
      if (typeof message === 'string') holds = uid !== undefined && isHeld(uid);
      if (holds && near !== undefined) held.push(() => server.send(message));
      else server.send(message);
    });
  });
  return {
    holdAllBut: (index) => void (near = index),
    letGo() {
      near = undefined;
      for (const send of held.splice(0)) send();
    },
  };
}
