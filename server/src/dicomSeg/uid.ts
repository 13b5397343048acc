import { createHash } from 'node:crypto';

/**
 * A UID under 2.25 that follows from its parts: the same content has the same UID on every attempt to store it.
 * @see DICOM PS3.5 B.2 (UUID derived UIDs); RFC 9562 section 5.8 (UUID version 8)
 */
export function uidOf(...parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${hash.subarray(0, 16).toString('hex')}`).toString()}`;
}
