import type { Inputs, Outputs } from './tensors.ts';

interface Waiting {
  readonly inputs: Inputs;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Makes one run of those that are asked for in the same moment: along the first axis of every tensor, of which each has one. A GPU
 * does several in little more time than one; a CPU gains nothing.
 */
export class Batches {
  readonly #run: (inputs: Inputs) => Promise<Outputs>;
  readonly #most: number;
  #waiting: Waiting[] = [];

  /** @param run - Gives each output as many rows as each input has. @param most - Rows of one run. */
  constructor(run: (inputs: Inputs) => Promise<Outputs>, most: number) {
    this.#run = run;
    this.#most = most;
  }

  canTake(inputs: Inputs): boolean {
    return Object.values(inputs).every(({ shape }) => shape[0] === 1);
  }

  /** @throws What the common run throws, to all who take part. */
  async run(inputs: Inputs): Promise<Outputs> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ inputs, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    const byShape = new Map<string, Waiting[]>();
    for (const each of this.#waiting.splice(0)) {
      const shapes = JSON.stringify(Object.entries(each.inputs).map(([name, { shape }]) => [name, shape]));
      byShape.set(shapes, [...(byShape.get(shapes) ?? []), each]);
    }
    for (const alike of byShape.values())
      for (let at = 0; at < alike.length; at += this.#most) await this.#runTogether(alike.slice(at, at + this.#most));
  }

  async #runTogether(group: readonly Waiting[]): Promise<void> {
    try {
      const outputs = await this.#run(stacked(group.map(({ inputs }) => inputs)));
      for (const [row, { resolve }] of group.entries()) resolve(rowOf(outputs, row, group.length));
    } catch (reason) {
      for (const { reject } of group) reject(reason);
    }
  }
}

/** @param all - Of the same names and shapes. */
function stacked(all: readonly Inputs[]): Inputs {
  const [first = {}] = all;
  if (all.length === 1) return first;
  const tensors = Object.entries(first).map(([name, { data, shape }]) => {
    const rows = new Float32Array(data.length * all.length);
    for (const [row, inputs] of all.entries()) rows.set(inputs[name]?.data ?? [], row * data.length);
    return [name, { data: rows, shape: [all.length, ...shape.slice(1)] }] as const;
  });
  return Object.fromEntries(tensors);
}

/** A copy: what one keeps must not keep all of them. */
function rowOf(outputs: Outputs, row: number, rows: number): Outputs {
  if (rows === 1) return outputs;
  const parts = Object.entries(outputs).map(([name, data]) => {
    const length = data.length / rows;
    return [name, data.slice(row * length, (row + 1) * length)] as const;
  });
  return Object.fromEntries(parts);
}
