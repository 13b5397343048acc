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
import type { IncomingHttpHeaders, Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Server, type Socket } from 'socket.io';
import type { Identity } from '../ports/identity.ts';
import { answer, type Handlers } from './endpoint.ts';

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
  toSeries<N extends keyof Events>(seriesUid: string, event: N, payload: Events[N]): void;
  /** To one page if it is still there, else to everybody in the series. */
  toPage<N extends keyof Events>(connectionId: string, seriesUid: string, event: N, payload: Events[N]): void;
}

export interface GatewayPorts {
  readonly identity: Identity;
  readonly log: Logger;
  readonly messagesPerSecond: number;
  /** Origins of pages that may connect, besides the one that this server itself is reached under. */
  readonly allowedOrigins: readonly string[];
}

interface SocketData {
  participant: Participant;
}
type ClientSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;
type SocketServer = Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** Room for the fields beside the pixels of the largest slice. */
const ENVELOPE_BYTES = 64 * 1024;

/** Opens the socket.io side of the server; nobody is listened to before {@link Gateway.serve}. */
export function openGateway(http: HttpServer, ports: GatewayPorts) {
  const io: SocketServer = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: LIMITS.sliceBytes + ENVELOPE_BYTES,
    // Slices hardly deflate while they are pushed in a department's network, and deflating them blocks.
    perMessageDeflate: false,
    allowRequest: (request, decide) => decide(null, isOwnPage(request.headers, ports.allowedOrigins)),
  });
  io.use((socket, next) => {
    admit(socket.handshake.auth, ports.identity).then(
      (who) => {
        socket.data.participant = { ...who, connectionId: socket.id };
        next();
      },
      (error: unknown) => next(Object.assign(new Error('refused'), { data: toWireError(error) })),
    );
  });
  const broadcast: Broadcast = {
    toSeries: (seriesUid, event, payload) => emitTo(io.to(seriesUid), event, payload),
    toPage: (connectionId, seriesUid, event, payload) =>
      emitTo(io.to(io.sockets.sockets.has(connectionId) ? connectionId : seriesUid), event, payload),
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
 * Browsers let any page of any site open a WebSocket to any address they reach, this one included; only the Origin header
 * tells them apart. Programs that are no browsers send none.
 */
function isOwnPage({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** socket.io cannot relate a generic event name to its payload, so this is said once here. */
function emitTo<N extends keyof Events>(target: { emit: unknown }, event: N, payload: Events[N]): void {
  (target as { emit: (event: string, payload: unknown) => void }).emit(event, payload);
}

async function admit(auth: unknown, identity: Identity): Promise<Omit<Participant, 'connectionId'>> {
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
  { log, messagesPerSecond }: GatewayPorts,
): void {
  const gone = new AbortController();
  const limiter = new RateLimiterMemory({ points: messagesPerSecond, duration: 1 });
  const connection: Connection = {
    id: socket.id,
    participant: socket.data.participant,
    gone: gone.signal,
    join: async (seriesUid) => socket.join(seriesUid),
    leave: async (seriesUid) => socket.leave(seriesUid),
  };
  const onBug = (error: unknown, name: RequestName) => log.error({ err: error, message: name }, 'request failed');
  socket.onAny((name: string, raw: unknown, ack: unknown) => {
    const reply = typeof ack === 'function' ? (ack as (value: unknown) => void) : () => undefined;
    void (async () => {
      if (!isRequest(name)) return reply({ ok: false, error: toWireError(new AppError('message-unknown')) });
      try {
        await limiter.consume(socket.id);
      } catch {
        return reply({ ok: false, error: toWireError(new AppError('rate-limited')) });
      }
      reply(await answer(name, handlers[name], raw, connection, onBug));
    })();
  });
  socket.on('disconnect', () => {
    gone.abort();
    onGone(socket.id);
  });
}

const isRequest = (name: string): name is RequestName => Object.hasOwn(REQUESTS, name);
