import { randomUUID } from 'node:crypto';
import {
  PROTOCOL_VERSION,
  type Ack,
  type Answers,
  type DocumentChanged,
  type Events,
  type Request,
  type RequestName,
  type SeriesOpened,
  type WireError,
} from '@ohif-medsam/protocol';
import { io, type Socket } from 'socket.io-client';

type Listen = (name: string, listener: unknown) => void;

/** What a browser page does on the wire, without the browser. */
export class Page {
  readonly socket: Socket;
  readonly participantId: string;
  /** The document's masks as this page sees them: `segment/frame` -> runs. */
  readonly masks = new Map<string, readonly number[]>();
  last: DocumentChanged | undefined;

  private constructor(socket: Socket, participantId: string) {
    this.socket = socket;
    this.participantId = participantId;
    socket.on('document:changed', (change: DocumentChanged) => this.#see(change));
  }

  static async open(
    url: string,
    name = 'Ada',
    auth: object = {},
    extraHeaders = {},
    id: string = randomUUID(),
  ): Promise<Page> {
    const socket = io(url, {
      transports: ['websocket'],
      extraHeaders,
      reconnectionDelay: 20,
      reconnectionDelayMax: 40,
      auth: { protocolVersion: PROTOCOL_VERSION, participant: { id, name, color: [255, 128, 0] }, ...auth },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => reject(error));
    }).catch((error: unknown) => {
      socket.disconnect();
      throw error;
    });
    return new Page(socket, id);
  }

  /** The acknowledgement as it came. */
  async ask<N extends RequestName>(name: N, message: Request<N>): Promise<Ack<Answers[N]>> {
    return (await this.socket.timeout(20_000).emitWithAck(name, message)) as Ack<Answers[N]>;
  }

  /** The answer. @throws Error with the code of a refusal. */
  async get<N extends RequestName>(name: N, message: Request<N>): Promise<Answers[N]> {
    const ack = await this.ask(name, message);
    if (!ack.ok) throw new Error(`${name}: ${ack.error.code} ${ack.error.detail ?? ''}`);
    return ack.value;
  }

  /** The refusal. @throws Error if there was none. */
  async refusal(name: string, message: unknown): Promise<WireError> {
    const ack = (await this.socket.timeout(20_000).emitWithAck(name, message)) as Ack<unknown>;
    if (ack.ok) throw new Error(`${name} was accepted`);
    return ack.error;
  }

  async openSeries(message: Request<'series:open'>): Promise<SeriesOpened> {
    // Unlike in a browser, a change that comes with the answer may be heard before whoever awaits the answer goes on.
    const heard: DocumentChanged[] = [];
    const hear = (change: DocumentChanged) => void heard.push(change);
    this.socket.on('document:changed', hear);
    const opened = await this.get('series:open', message).finally(() => this.socket.off('document:changed', hear));
    this.masks.clear();
    for (const { segmentId, frame, runs } of opened.document.cells) this.masks.set(`${segmentId}/${frame}`, runs);
    for (const change of heard) if (change.revision > opened.document.revision) this.#see(change);
    return opened;
  }

  next<N extends keyof Events>(name: N, when: (event: Events[N]) => boolean = () => true): Promise<Events[N]> {
    // socket.io knows the types of its own events only.
    const events = this.socket as { on: Listen; off: Listen };
    return new Promise((resolve) => {
      const listen = (event: Events[N]) => {
        if (!when(event)) return;
        events.off(name, listen);
        resolve(event);
      };
      events.on(name, listen);
    });
  }

  close(): void {
    this.socket.disconnect();
  }

  #see(change: DocumentChanged): void {
    this.last = change;
    for (const { segmentId, frame, runs } of change.cells) {
      if (runs.length === 0) this.masks.delete(`${segmentId}/${frame}`);
      else this.masks.set(`${segmentId}/${frame}`, runs);
    }
  }
}
