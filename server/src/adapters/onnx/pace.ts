/** How long requests take, as the last ones did; each of those answered in one run its share of it. */
export class Pace {
  readonly #lastMs = new Map<string, number>();
  #typicalMs = 0;

  /** Over all kinds, in milliseconds; 0 as long as nothing is known. */
  get typicalMs(): number {
    return this.#typicalMs;
  }

  note(kind: string, ms: number): void {
    this.#lastMs.set(kind, ms);
    this.#typicalMs = this.#typicalMs === 0 ? ms : 0.9 * this.#typicalMs + 0.1 * ms;
  }

  /** How many requests of a kind are over in so long; none as long as nothing is known of it. */
  fittingInto(ms: number, kind: string): number {
    return Math.floor(ms / (this.#lastMs.get(kind) ?? Infinity));
  }
}
