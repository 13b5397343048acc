import {
  AppError,
  handshakeSchema,
  LIMITS,
  PROTOCOL_VERSION,
  REQUESTS,
  toWireError,
  type ClientToServer,
  type Events,
  type Handshake,
  type Participant,
  type RequestName,
  type ServerToClient,
} from '@ohif-medsam/protocol';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Server, type Socket } from 'socket.io';
import { Decoder, Encoder } from 'socket.io-parser';
import type { Identity } from '../ports/identity.ts';
import { answer, type Handlers } from './endpoint.ts';
import { logFailure } from './logFailure.ts';
import type { OwnPages } from './ownPages.ts';

/** One page of one person. */
export interface Connection {
  readonly id: string;
  readonly participant: Participant;
  /** Aborts when the page is gone. */
  readonly gone: AbortSignal;
  join(seriesUid: string): Promise<void>;
  leave(seriesUid: string): Promise<void>;
}

/** How use cases speak to pages unasked. */
export interface Broadcast {
  toAll<N extends keyof Events>(event: N, payload: Events[N]): void;
  toSeries<N extends keyof Events>(seriesUid: string, event: N, payload: Events[N]): void;
  /** To all pages of a person, wherever they are; if none of them is in the series, to everybody in it as well. */
  toPerson<N extends keyof Events>(participantId: string, seriesUid: string, event: N, payload: Events[N]): void;
  /** To everybody in the series, and to all pages of a person, wherever they are. */
  toSeriesAndPerson<N extends keyof Events>(
    participantId: string,
    seriesUid: string,
    event: N,
    payload: Events[N],
  ): void;
}

export interface GatewayPorts {
  readonly identity: Identity;
  readonly log: Logger;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Most pages at once. */
  readonly connections: number;
  readonly pages: OwnPages;
}

interface SocketData {
  participant: Participant;
}
type ClientSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;
type SocketServer = Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** Room for the fields beside the pixels of the largest slice. */
const ENVELOPE_BYTES = 64 * 1024;

/** A page's answer to a ping waits behind the slices that it is pushing: two of a mammography take so long at 1 MB a second. */
const PING_TIMEOUT_MS = 60_000;

/** No message holds more than one array of pixels, so no client makes the server wait for, and keep, several. */
class OneAttachmentDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: 1 });
  }
}

/** Opens the socket.io side of the server; nobody is listened to before {@link Gateway.serve}. */
export function openGateway(http: HttpServer, ports: GatewayPorts) {
  const io: SocketServer = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: LIMITS.sliceBytes + ENVELOPE_BYTES,
    // Slices hardly deflate while they are pushed in a department's network, and deflating them blocks.
    perMessageDeflate: false,
    pingTimeout: PING_TIMEOUT_MS,
    parser: { Encoder, Decoder: OneAttachmentDecoder },
    allowRequest: ({ headers }, decide) => {
      const isOwn = ports.pages.knows(headers) && ports.pages.sent(headers);
      // A proxy that does not pass the Host header on looks like this too.
      if (!isOwn) ports.log.warn({ origin: headers.origin, host: headers.host }, 'a page of another site was refused');
      decide(null, isOwn);
    },
  });
  io.use((socket, next) => {
    const isFull = io.of('/').sockets.size >= ports.connections;
    admit(isFull, socket.handshake.auth, ports.identity).then(
      (who) => {
        socket.data.participant = { ...who, connectionId: socket.id };
        next();
      },
      (error: unknown) => {
        logFailure(ports.log, error, { message: 'connect' });
        next(Object.assign(new Error('refused'), { data: toWireError(error) }));
      },
    );
  });
  const broadcast: Broadcast = {
    toAll: (event, payload) => emitTo(io, event, payload),
    toSeries: (seriesUid, event, payload) => emitTo(io.to(seriesUid), event, payload),
    toPerson: (participantId, seriesUid, event, payload) => {
      const { rooms } = io.of('/').adapter;
      const theirs = roomOf(participantId);
      const isThere = [...(rooms.get(theirs) ?? [])].some((id) => rooms.get(seriesUid)?.has(id));
      emitTo(io.to(isThere ? theirs : [theirs, seriesUid]), event, payload);
    },
    toSeriesAndPerson: (participantId, seriesUid, event, payload) =>
      emitTo(io.to([roomOf(participantId), seriesUid]), event, payload),
  };
  return {
    broadcast,
    serve: (handlers: Handlers<Connection>, onGone: (connectionId: string) => void) =>
      io.on('connection', (socket) => serveSocket(socket, handlers, onGone, ports)),
    close: () => io.close(),
  };
}
export type Gateway = ReturnType<typeof openGateway>;

/**
 * All connections of a person. Of a page whose network went away without a word there are two for a while: the old one, which is not
 * known to be dead, and the next.
 */
const roomOf = (participantId: string): string => `person ${participantId}`;

/** socket.io cannot relate a generic event name to its payload, so this is said once here. */
function emitTo<N extends keyof Events>(target: { emit: unknown }, event: N, payload: Events[N]): void {
  (target as { emit: (event: string, payload: unknown) => void }).emit(event, payload);
}

async function admit(isFull: boolean, auth: unknown, identity: Identity): Promise<Omit<Participant, 'connectionId'>> {
  if (isFull) throw new AppError('engine-busy', 'As many pages as may are connected.');
  const version = typeof auth === 'object' && auth && 'protocolVersion' in auth ? auth.protocolVersion : undefined;
  if (version !== PROTOCOL_VERSION)
    throw new AppError('protocol-version', `The server speaks version ${String(PROTOCOL_VERSION)}.`);
  const parsed = handshakeSchema.safeParse(auth);
  if (!parsed.success) throw new AppError('identity-missing');
  return identity.identify(parsed.data satisfies Handshake);
}

function serveSocket(
  socket: ClientSocket,
  handlers: Handlers<Connection>,
  onGone: (connectionId: string) => void,
  { log, messagesPerSecond, bytesPerSecond }: GatewayPorts,
): void {
  void socket.join(roomOf(socket.data.participant.id));
  const gone = new AbortController();
  const limit = limiter(socket, messagesPerSecond, bytesPerSecond);
  const connection: Connection = {
    id: socket.id,
    participant: socket.data.participant,
    gone: gone.signal,
    join: async (seriesUid) => socket.join(seriesUid),
    leave: async (seriesUid) => socket.leave(seriesUid),
  };
  const onFailure = (error: unknown, name: RequestName) => logFailure(log, error, { message: name });
  // What comes after the opening or closing of a series waits for that: a page repeats its changes right after it opened
  // the series again, and opening takes a while when the document has to be read.
  let doorway: Promise<unknown> = Promise.resolve();
  socket.onAny((name: string, raw: unknown, ack: unknown) => {
    const reply = typeof ack === 'function' ? (ack as (value: unknown) => void) : () => undefined;
    if (!isRequest(name)) return reply({ ok: false, error: toWireError(new AppError('message-unknown')) });
    const before = doorway;
    const answered = limit().then(
      () => before.then(() => answer(name, handlers[name], raw, connection, onFailure)),
      () => ({ ok: false, error: toWireError(new AppError('rate-limited')) }),
    );
    if (name === 'series:open' || name === 'series:close') doorway = before.then(() => answered);
    void answered.then(reply);
  });
  socket.on('disconnect', () => {
    gone.abort();
    onGone(socket.id);
  });
}

/** @returns Counts a message and the bytes that came since the one before; rejects where they are too many. */
function limiter(socket: ClientSocket, messagesPerSecond: number, bytesPerSecond: number): () => Promise<void> {
  const messages = new RateLimiterMemory({ points: messagesPerSecond, duration: 1 });
  const bytes = new RateLimiterMemory({ points: bytesPerSecond, duration: 1 });
  let arrived = 0;
  socket.conn.on('packet', ({ data }: { data?: string | Buffer }) => (arrived += data?.length ?? 0));
  return async () => {
    const size = arrived;
    arrived = 0;
    await messages.consume(socket.id);
    await bytes.consume(socket.id, size);
  };
}

const isRequest = (name: string): name is RequestName => Object.hasOwn(REQUESTS, name);
