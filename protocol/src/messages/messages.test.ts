import { describe, expect, it } from 'vitest';
import { HANDSHAKES, MESSAGES, MODELS_CHANGED } from '../../fixtures/index.ts';
import { modelsChangedSchema } from './model.ts';
import { handshakeSchema } from './presence.ts';
import { REQUESTS, type RequestName } from './wire.ts';

const names = Object.keys(REQUESTS) as RequestName[];

describe.each(names)('%s', (name) => {
  const { valid, invalid } = MESSAGES[name];

  it.each(valid.map((message, n) => [n, message] as const))('takes example %i as it stands', (_, message) => {
    const parsed = REQUESTS[name].safeParse(message);
    expect(parsed.error).toBeUndefined();
    // Parsing may add defaults, never change or drop what was sent.
    expect(parsed.data).toMatchObject(
      name === 'slice:put' ? { ...message, pixels: expect.any(Uint8Array) as unknown } : message,
    );
  });

  it.each(Object.entries(invalid))('refuses: %s', (_, message) => {
    expect(REQUESTS[name].safeParse(message).success).toBe(false);
  });
});

describe('handshake', () => {
  it.each(HANDSHAKES.valid)('takes $participant.name', (message) => {
    expect(handshakeSchema.parse(message)).toEqual(message);
  });
  it.each(Object.entries(HANDSHAKES.invalid))('refuses: %s', (_, message) => {
    expect(handshakeSchema.safeParse(message).success).toBe(false);
  });
});

describe('models:changed', () => {
  it.each(MODELS_CHANGED.valid.map((event, n) => [n, event] as const))('takes example %i as it stands', (_, event) => {
    expect(modelsChangedSchema.parse(event)).toEqual(event);
  });
  it.each(Object.entries(MODELS_CHANGED.invalid))('refuses: %s', (_, event) => {
    expect(modelsChangedSchema.safeParse(event).success).toBe(false);
  });
});

it('every message has valid and invalid examples', () => {
  expect(Object.keys(MESSAGES).sort()).toEqual([...names].sort());
  for (const { valid, invalid } of Object.values(MESSAGES)) {
    expect(valid.length).toBeGreaterThan(0);
    expect(Object.keys(invalid).length).toBeGreaterThan(2);
  }
});
