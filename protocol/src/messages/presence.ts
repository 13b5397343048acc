import { z } from 'zod';
import { colorSchema, idSchema, uidSchema } from './primitives.ts';
import { boxSchema } from './prompt.ts';
import { planeSchema } from './series.ts';

/** Sent once in the handshake's `auth`. The id stays with a person over reloads; the server's Identity port has the last word. */
export const handshakeSchema = z.object({
  protocolVersion: z.int(),
  participant: z.object({ id: idSchema, name: z.string().trim().min(1).max(64), color: colorSchema }),
  token: z.string().max(16_384).optional(),
});
export type Handshake = z.output<typeof handshakeSchema>;

/** `presence:update`: where I am. Not kept, and the newest wins. */
export const presenceSchema = z.object({
  seriesUid: uidSchema,
  plane: planeSchema.optional(),
  /** The box in the hand, before it is released. */
  box: boxSchema.optional(),
});
export type PresenceUpdate = z.output<typeof presenceSchema>;

/** One connection of a person: two pages of one person are two participants with one id. */
export interface Participant {
  readonly connectionId: string;
  readonly id: string;
  readonly name: string;
  readonly color: readonly [number, number, number];
  readonly at?: Omit<PresenceUpdate, 'seriesUid'>;
}

/** Event `presence:changed`: everybody in the series. */
export interface PresenceChanged {
  readonly seriesUid: string;
  readonly participants: readonly Participant[];
}
