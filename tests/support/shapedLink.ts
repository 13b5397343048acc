import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface LinkShape {
  /** Each way; what is sent at once arrives so much later. */
  readonly delayMs: number;
  /** Each way; may change at any time. */
  bytesPerSecond: number;
}

export interface ShapedLink {
  readonly url: string;
  /** Cuts every connection, as a network that goes away. Others may be made at once. */
  cut(): void;
  /** Carries nothing any more and closes nothing, as a network that goes away without a word. Others may be made at once. */
  hang(): void;
  close(): Promise<void>;
}

/** Sent at once at most: short enough that a prompt behind it need not wait long, as on a real link. */
const PACKET_BYTES = 4 * 1024;

/** A TCP proxy in front of a server that is as slow as a thin network. */
export async function openShapedLink(target: string, shape: LinkShape): Promise<ShapedLink> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const hung = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // Whoever is gone on one side is gone on the other.
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        if (!hung.has(from)) to.destroy();
      });
      void carry(from, (packet) => !hung.has(from) && to.writable && to.write(packet), shape);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    cut,
    hang: () => sockets.forEach((socket) => hung.add(socket)),
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        cut();
      }),
  };
}

/** Reads no faster than it passes on, so that the sender feels how thin the link is. */
async function carry(from: Socket, write: (packet: Buffer) => void, shape: LinkShape): Promise<void> {
  try {
    /** When the last byte that was taken has left. */
    let free = 0;
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += PACKET_BYTES) {
        const packet = chunk.subarray(at, at + PACKET_BYTES);
        free = Math.max(free, performance.now()) + (packet.length / shape.bytesPerSecond) * 1000;
        const untilFree = free - performance.now();
        if (untilFree > 0) await new Promise((resolve) => setTimeout(resolve, untilFree));
        setTimeout(() => write(packet), shape.delayMs);
      }
    }
  } catch {
    // The connection was cut.
  }
}
