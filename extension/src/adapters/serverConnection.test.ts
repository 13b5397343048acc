import { describe, expect, it } from 'vitest';
import { createServerConnection } from './serverConnection.ts';

const SERIES = { seriesUid: '1.9', operationId: '00000000-0000-4000-8000-000000000000' };

describe('without a connection', () => {
  it.each(['document:undo', 'document:redo', 'presence:update'] as const)(
    '[SC1] %s fails at once, with what to do',
    async (name) => {
      const server = createServerConnection('http://127.0.0.1:1', () => undefined);
      await expect(server.request(name, SERIES)).rejects.toMatchObject({
        code: 'connection-lost',
        remedy: expect.stringContaining('repeat the step') as unknown,
      });
    },
  );

  it('[SC2] operations wait, of which is told once', async () => {
    const server = createServerConnection('http://127.0.0.1:1', () => undefined);
    let told = 0;
    server.onWaiting(() => told++);
    const operation = { kind: 'segment:delete', segmentId: 's' } as const;
    for (const seriesUid of ['1.9', '1.9', '1.8'])
      void server.request('document:apply', { ...SERIES, seriesUid, operation });
    await new Promise((resolve) => setTimeout(resolve));
    expect([told, [...server.waiting()]]).toEqual([1, ['1.9', '1.8']]);
  });
});
