import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, multipartEnd, partHead, readMultipart } from './multipart.ts';

const LIMITS = { partBytes: 1000, totalBytes: 10_000 };

async function* chunked(message: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < message.length; at += size) yield await Promise.resolve(message.subarray(at, at + size));
}
const write = (boundary: string, bodies: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    ...bodies.flatMap((body) => [Buffer.from(partHead(boundary, { 'Content-Type': 'application/dicom' })), body]),
    Buffer.from(multipartEnd(boundary)),
  ]);
const readAll = async (message: Buffer, boundary: string, size = 7, limits = LIMITS) => {
  const parts = [];
  for await (const part of readMultipart(chunked(message, size), boundary, limits)) parts.push(part);
  return parts;
};

describe('multipart/related', () => {
  it('reads back any bodies, wherever the network cuts the message', async () => {
    const body = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 5 }), fc.integer({ min: 1, max: 500 }), async (bodies, size) => {
        const parts = await readAll(write('b0undary', bodies), 'b0undary', size);
        expect(parts.map((part) => [...part.body])).toEqual(bodies.map((bytes) => [...bytes]));
      }),
    );
  });

  it('keeps line breaks and near-boundaries inside a body', async () => {
    const body = Buffer.from('\r\n--b\r\n--\r\n\r\n--boundar\r\n');
    const [part] = await readAll(write('boundary', [body]), 'boundary', 3);
    expect(part?.body.equals(body)).toBe(true);
    expect(part?.headers['content-type']).toBe('application/dicom');
  });

  it('refuses a message that is cut, has no boundary, or is too large', async () => {
    const whole = write('b', [Buffer.alloc(500), Buffer.alloc(500)]);
    await expect(readAll(whole.subarray(0, -6), 'b')).rejects.toMatchObject({ code: 'message-invalid' });
    await expect(readAll(Buffer.from('{"no": "multipart"}'), 'b')).rejects.toMatchObject({ code: 'message-invalid' });
    const small = { partBytes: 499, totalBytes: 10_000 };
    await expect(readAll(whole, 'b', 7, small)).rejects.toMatchObject({ code: 'message-too-large' });
    const little = { partBytes: 1000, totalBytes: 900 };
    await expect(readAll(whole, 'b', 7, little)).rejects.toMatchObject({ code: 'message-too-large' });
  });

  it('finds the boundary, quoted or not', () => {
    expect(boundaryOf('multipart/related; type="application/dicom"; boundary="a b"')).toBe('a b');
    expect(boundaryOf('multipart/related; boundary=xyz; type=application/dicom')).toBe('xyz');
    expect(boundaryOf('application/json; boundary=xyz')).toBeUndefined();
  });
});
