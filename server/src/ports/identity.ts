import type { Handshake, Participant } from '@ohif-medsam/protocol';

/** Decides who is behind a connection. */
export interface Identity {
  /** @throws AppError `identity-missing` if nobody can be made out. */
  identify(handshake: Handshake): Promise<Pick<Participant, 'id' | 'name' | 'color'>>;
}
