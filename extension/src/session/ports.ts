import type { Answers, Events, Plane, Request, RequestName } from '@ohif-medsam/protocol';
import type { Problem } from './problem.ts';
import type { Me } from './state.ts';

/** A request that failed: what the server, or the lack of one, has to say. */
export class RequestError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(error: { code: string; message: string; remedy: string; detail?: string }) {
    super(error.detail === undefined ? error.message : `${error.message} ${error.detail}`);
    this.name = 'RequestError';
    this.code = error.code;
    this.remedy = error.remedy;
  }
}

export const problemOf = (error: unknown): Problem =>
  error instanceof RequestError
    ? { message: error.message, remedy: error.remedy }
    : { message: 'The viewer failed unexpectedly.', remedy: 'Try again; if it persists, reload the page.' };

export interface Server {
  connect(me: Me): void;
  disconnect(): void;
  connected(): boolean;
  /** @throws RequestError */
  request<N extends RequestName>(name: N, message: Request<N>): Promise<Answers[N]>;
  /** Series of which operations wait for the connection. */
  waiting(): ReadonlySet<string>;
  /** Tells of the first one that waits. */
  onWaiting(listener: () => void): void;
  on<N extends keyof Events>(name: N, listener: (event: Events[N]) => void): void;
  onConnected(listener: () => void): void;
  onLost(listener: (problem: Problem | undefined) => void): void;
}

/** Brings pixels to the server. */
export interface Slices {
  /**
   * Runs a request about a plane once its pixels are on the server, and again if the server has lost them meanwhile. Nothing is
   * brought in the background until it is answered.
   * @param request - Gets the SHA-256 of the pixels, hex; none where the server reads them from the archive itself.
   * @throws what the request throws, or reading and bringing the pixels.
   */
  using<T>(plane: Plane, request: (sliceHash: string | undefined) => Promise<T>): Promise<T>;
}

export interface Notices {
  error(title: string, problem: Problem): void;
  info(title: string, message: string): void;
}
