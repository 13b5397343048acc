import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uidOf } from './uid.ts';

it('makes valid UIDs of a UUID: below 2^128, at most 64 characters, without leading zeros', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      const uid = uidOf(...parts);
      expect(uid).toMatch(/^2\.25\.[1-9]\d*$/);
      expect(BigInt(uid.slice(5)) < 2n ** 128n).toBe(true);
    }),
  );
});

it('tells contents apart, and nothing else', () => {
  expect(uidOf('a', 'b')).toBe(uidOf('a', 'b'));
  expect(uidOf('ab')).not.toBe(uidOf('a', 'b'));
});
