import {
  PROTOCOL_VERSION,
  type Ack,
  type Answers,
  type Events,
  type Request,
  type RequestName,
} from '@ohif-medsam/protocol';
import { io, type Socket } from 'socket.io-client';
import { RequestError, type Server } from '../session/ports.ts';
import type { Problem } from '../session/problem.ts';
import type { Me } from '../session/state.ts';

/** Longer than the slowest honest answer: the server itself limits how long the archive may take. */
const ANSWER_TIMEOUT_MS = 180_000;

/**
 * They carry an operation id, by which the server knows a repetition. Undo and redo carry one too, but which step they take depends
 * on when they are taken: pressed once more because nothing happened, they would all be taken later.
 */
const REPEATABLE = new Set<RequestName>(['document:apply']);

const LOST = {
  code: 'connection-lost',
  message: 'The MedSAM server cannot be reached.',
  remedy: 'Your work is kept there. The viewer connects again by itself; then repeat the step.',
};

const HANDED_OVER = {
  code: 'handed-over',
  message: 'This step waited for the connection, and somebody else works on this page now.',
  remedy: 'It was not taken over, as it would count as theirs. Who took it can repeat it under their own name.',
};

interface Refusal extends Error {
  /** What a server's middleware gave as reason. */
  readonly data?: unknown;
}

const isProblem = (data: unknown): data is Problem =>
  typeof data === 'object' && data !== null && 'message' in data && 'remedy' in data;

/**
 * The socket to the server. Nothing is queued while there is no connection, because the series has to be opened first:
 * requests fail at once, except operations on the document, which wait and are repeated. Their ids make that harmless.
 *
 * @param url - Origin of the server; empty for the page's own.
 * @param token - The viewer's bearer token, asked anew at every connection since it may have been refreshed.
 */
export function createServerConnection(url: string, token: () => string | undefined): Server {
  let me: Me | undefined;
  const socket: Socket = io(url, {
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelayMax: 3000,
    auth: (give) => give({ protocolVersion: PROTOCOL_VERSION, participant: me, token: token() }),
  });

  const waiting = new Set<Request<RequestName>>();
  let tellWaiting: () => void = () => undefined;

  const reconnected = () => new Promise<void>((resolve) => socket.once('connect', resolve));

  async function ask<N extends RequestName>(name: N, message: Request<N>): Promise<Answers[N]> {
    if (!socket.connected) throw new RequestError(LOST);
    let ack: Ack<Answers[N]>;
    try {
      ack = (await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(name, message)) as Ack<Answers[N]>;
    } catch {
      throw new RequestError(LOST);
    }
    if (!ack.ok) throw new RequestError(ack.error);
    return ack.value;
  }

  /** The server takes the author from the connection: what one person asked is not repeated on that of another. */
  async function askUntilAnswered<N extends RequestName>(name: N, message: Request<N>): Promise<Answers[N]> {
    const asker = me?.id;
    try {
      for (;;) {
        try {
          return await ask(name, message);
        } catch (error) {
          if (!(error instanceof RequestError) || error.code !== LOST.code) throw error;
          if (waiting.size === 0) tellWaiting();
          waiting.add(message);
          if (!socket.connected) await reconnected();
          if (me?.id !== asker) throw new RequestError(HANDED_OVER);
        }
      }
    } finally {
      waiting.delete(message);
    }
  }

  return {
    connect: (participant) => {
      me = participant;
      socket.disconnect().connect();
    },
    disconnect: () => void socket.disconnect(),
    connected: () => socket.connected,
    request: (name, message) => (REPEATABLE.has(name) ? askUntilAnswered(name, message) : ask(name, message)),
    waiting: () => new Set([...waiting].map(({ seriesUid }) => seriesUid)),
    onWaiting: (listener) => (tellWaiting = listener),
    on: <N extends keyof Events>(name: N, listener: (event: Events[N]) => void) => {
      // Events of the server only: none of them has the name of one of the socket's own.
      socket.on<string>(name, listener);
    },
    onConnected: (listener) => void socket.on('connect', listener),
    onLost: (listener) => {
      socket.on('disconnect', (reason) => reason !== 'io client disconnect' && listener(undefined));
      socket.on('connect_error', (error: Refusal) => listener(isProblem(error.data) ? error.data : undefined));
    },
  };
}
