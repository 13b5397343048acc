import type { Participant, PresenceChanged, PresenceUpdate } from '@ohif-medsam/protocol';

/** Who is in which series, and where they are. Lives only as long as the connections do. */
export class Presence {
  readonly #bySeries = new Map<string, Map<string, Participant>>();

  join(seriesUid: string, participant: Participant): PresenceChanged {
    const here = this.#bySeries.get(seriesUid) ?? new Map<string, Participant>();
    this.#bySeries.set(seriesUid, here.set(participant.connectionId, participant));
    return this.in(seriesUid);
  }

  /** @returns undefined if the connection is not in the series. */
  move(connectionId: string, { seriesUid, ...at }: PresenceUpdate): PresenceChanged | undefined {
    const here = this.#bySeries.get(seriesUid);
    const participant = here?.get(connectionId);
    if (!here || !participant) return undefined;
    here.set(connectionId, { ...participant, at });
    return this.in(seriesUid);
  }

  leave(seriesUid: string, connectionId: string): PresenceChanged {
    const here = this.#bySeries.get(seriesUid);
    here?.delete(connectionId);
    if (here?.size === 0) this.#bySeries.delete(seriesUid);
    return this.in(seriesUid);
  }

  seriesOf(connectionId: string): string[] {
    return [...this.#bySeries].filter(([, here]) => here.has(connectionId)).map(([seriesUid]) => seriesUid);
  }

  /** Whether a person has any series open. */
  has(participantId: string): boolean {
    return [...this.#bySeries.values()].some((here) => [...here.values()].some(({ id }) => id === participantId));
  }

  in(seriesUid: string): PresenceChanged {
    return { seriesUid, participants: [...(this.#bySeries.get(seriesUid)?.values() ?? [])] };
  }
}
