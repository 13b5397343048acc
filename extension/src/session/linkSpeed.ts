/** Below 32 Mbit/s, compressing a slice and sending half of it is quicker than sending it; above twice that it is slower. */
const SLOW_BYTES_PER_MS = 4_000;
const FAST_BYTES_PER_MS = 8_000;

/** Of fewer bytes, what takes time is the way and not the load. */
const SAMPLE_BYTES = 64_000;

/** One in so many goes raw over a slow link: what was compressed to a few bytes tells little of what the link could carry. */
const PROBE = 16;

/** Measures the way to the server by how long the acknowledgements of what is sent take. */
export interface LinkSpeed {
  /**
   * Something goes out. @returns To be called when it has been acknowledged, with its bytes; with none if they say nothing of
   * the link.
   */
  sending(): (rawBytes?: number) => void;
  /** Whether what goes out next had better be compressed. */
  isCompressing(): boolean;
}

/** @param now - Milliseconds of any clock. */
export function createLinkSpeed(now: () => number): LinkSpeed {
  let onTheWay = 0;
  /** When the link began to carry what is acknowledged next. */
  let since = 0;
  /** Stays as it was while the speed is between slow and fast. */
  let slow = false;
  let asked = 0;
  let sample = { bytes: 0, ms: 0 };
  return {
    sending: () => {
      if (onTheWay++ === 0) since = now();
      return (rawBytes) => {
        const ms = now() - since;
        onTheWay--;
        since = now();
        if (rawBytes === undefined) return;
        sample = { bytes: sample.bytes + rawBytes, ms: sample.ms + ms };
        if (sample.bytes < SAMPLE_BYTES) return;
        const speed = sample.bytes / sample.ms;
        sample = { bytes: 0, ms: 0 };
        if (speed < SLOW_BYTES_PER_MS) slow = true;
        if (speed > FAST_BYTES_PER_MS) slow = false;
      };
    },
    isCompressing: () => slow && ++asked % PROBE !== 0,
  };
}
