import { unwatchFile, watchFile } from 'node:fs';

const INTERVAL_MS = 1_000;

/**
 * Tells when files have come into a folder, left it, or were replaced by renaming. Asks for the folder's time instead of
 * waiting for the system to tell: that works on network and container disks too, and with a folder that is not there yet.
 * @returns Ends it.
 */
export function watchFolder(folder: string, onChange: () => void): () => void {
  watchFile(folder, { interval: INTERVAL_MS, persistent: false }, onChange);
  return () => unwatchFile(folder, onChange);
}
