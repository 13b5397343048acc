import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy in front of a server that lets only so much through on the way there. */
export interface SlowLink {
  readonly url: string;
  /** May change at any time. */
  bytesPerSecond: number;
  close(): void;
}

/** @param url - The origin of the server. */
export async function openSlowLink(url: string, bytesPerSecond: number): Promise<SlowLink> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // One that is gone takes the other along; which of them broke, nobody asks.
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((each) => each.destroy()));
    }
    server.pipe(client);
    void carry(client, server);
  });
  async function carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await sleep((chunk.length / link.bytesPerSecond) * 1000);
        to.write(chunk);
      }
    } catch {
      to.destroy();
    }
  }
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const link: SlowLink = {
    url: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    bytesPerSecond,
    close: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return link;
}
