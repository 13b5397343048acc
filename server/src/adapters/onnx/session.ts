import { basename } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { reasonOf, type GoldenValues, type Provider } from './cardParts.ts';
import { Batches } from './batches.ts';
import { ModelProblem } from './loadedModel.ts';
import type { Inputs, Outputs } from './tensors.ts';

export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = {
  tensorrt: 'GPU (TensorRT)',
  cuda: 'GPU (CUDA)',
  webgpu: 'GPU (WebGPU)',
  cpu: 'CPU',
};

/** Where a graph runs. */
export interface SessionPlace {
  readonly provider: Provider;
  /** Which GPU, from 0; where the provider has several. */
  readonly device: number;
  readonly threads: number;
  /** Most runs that become one, where they are asked for in the same moment. */
  readonly batch: number;
}

/** What a graph must take and give, all float32; a word in a shape stands for any size. */
export interface GraphContract {
  /** As users are told of it. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
}
type Shape = readonly (number | string)[];

/** One ONNX graph, loaded and known to have the inputs and outputs that its card says. */
export class Graph {
  readonly #session: InferenceSession;
  readonly #contract: GraphContract;
  readonly #batches: Batches | undefined;
  #released = false;

  private constructor(session: InferenceSession, contract: GraphContract, batch: number) {
    this.#session = session;
    this.#contract = contract;
    const shapes = [...Object.values(contract.inputs), ...Object.values(contract.outputs)];
    if (batch > 1 && shapes.every(([rows]) => typeof rows === 'string'))
      this.#batches = new Batches((inputs) => this.#runNow(inputs), batch);
  }

  /**
   * @param file - Full path, verified before.
   * @throws ModelProblem if inputs or outputs differ from the contract, or onnxruntime cannot load the graph. An execution
   * provider that is not there throws even where the CPU is named as the next one.
   */
  static async open(
    file: string,
    contract: GraphContract,
    { provider, device, threads, batch }: SessionPlace,
  ): Promise<Graph> {
    const creating = InferenceSession.create(file, {
      executionProviders: [
        provider === 'cuda' || provider === 'tensorrt' ? { name: provider, deviceId: device } : provider,
      ],
      intraOpNumThreads: threads,
      graphOptimizationLevel: 'all',
      // Saves a quarter of the memory at no cost in time (measured on int8 ViT-B).
      enableMemPattern: false,
      // Threads that spin after a run take the cores from the web server, and within one from a browser that draws beside it: on two
      // cores a run alone is a quarter faster (`bench embedded`), but takes up to twice as long there (`bench browser`).
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    const session = await creating.catch((error: unknown) => {
      // Users are told, and folders of this machine are none of their business.
      throw new ModelProblem(reasonOf(error).replaceAll(file, basename(file)));
    });
    try {
      checkTensors(contract.name, 'input', session.inputMetadata, contract.inputs);
      checkTensors(contract.name, 'output', session.outputMetadata, contract.outputs);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new Graph(session, contract, batch);
  }

  /**
   * @returns All outputs by name, row-major.
   * @throws ModelProblem if an output is not what the contract says.
   */
  async run(inputs: Inputs): Promise<Outputs> {
    return this.#batches?.canTake(inputs) ? this.#batches.run(inputs) : this.#runNow(inputs);
  }

  async #runNow(inputs: Inputs): Promise<Outputs> {
    const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [name, new Tensor('float32', data, shape)]);
    const answer = await this.#session.run(Object.fromEntries(feeds) as Record<string, Tensor>);
    const outputs = Object.entries(this.#contract.outputs).map(([name, shape]) => {
      const tensor = answer[name];
      const data = tensor?.data;
      if (!(data instanceof Float32Array) || !fits(tensor?.dims ?? [], shape))
        throw new ModelProblem(`The ${this.#contract.name} answered no ${describe('float32', shape)} "${name}".`);
      return [name, data] as const;
    });
    return Object.fromEntries(outputs);
  }

  /**
   * Runs the input whose answer the card holds, so that an execution provider that computes something else shows before a
   * patient's image does.
   * @throws ModelProblem
   */
  async checkGolden(inputs: Inputs, golden: Readonly<Record<string, GoldenValues>>): Promise<void> {
    // Twice at once where runs become one, which has to change nothing.
    const runs = await Promise.all(Array.from({ length: this.#batches ? 2 : 1 }, async () => this.run(inputs)));
    for (const outputs of runs) this.#compare(outputs, golden);
  }

  #compare(outputs: Outputs, golden: Readonly<Record<string, GoldenValues>>): void {
    for (const [name, { at, values, tolerance }] of Object.entries(golden)) {
      const output = outputs[name];
      if (!output) throw new ModelProblem(`The card has golden ${name}, which is no output.`);
      if (!output.every(Number.isFinite))
        throw new ModelProblem(`The ${this.#contract.name} computes ${name} that are no numbers (NaN or infinite).`);
      const difference = Math.max(...at.map((index, n) => Math.abs((output[index] ?? NaN) - (values[n] ?? NaN))));
      if (!(difference <= tolerance))
        throw new ModelProblem(
          `Golden ${name} differ by ${difference.toPrecision(2)}, more than ${String(tolerance)}.`,
        );
    }
  }

  /** Once or more often. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#session.release();
  }
}

function checkTensors(
  graph: string,
  side: 'input' | 'output',
  found: readonly InferenceSession.ValueMetadata[],
  wanted: Readonly<Record<string, Shape>>,
): void {
  const quote = (names: readonly string[]) => `"${[...names].sort().join(', ')}"`;
  const names = found.map(({ name }) => name);
  if (quote(names) !== quote(Object.keys(wanted)))
    throw new ModelProblem(
      `The ${side}s of the ${graph} are ${quote(names)}, its card says ${quote(Object.keys(wanted))}.`,
    );
  for (const tensor of found) {
    const shape = wanted[tensor.name] ?? [];
    if (tensor.isTensor && tensor.type === 'float32' && fits(tensor.shape, shape)) continue;
    const is = tensor.isTensor ? describe(tensor.type, tensor.shape) : 'no tensor';
    throw new ModelProblem(
      `The ${side} "${tensor.name}" of the ${graph} is ${is}, its card says ${describe('float32', shape)}.`,
    );
  }
}

const describe = (type: string, shape: Shape): string => `${type} [${shape.join(', ')}]`;

/** Sizes that only have a name fit any. */
const fits = (found: Shape, wanted: Shape): boolean =>
  found.length === wanted.length &&
  wanted.every((n, axis) => typeof n === 'string' || typeof found[axis] === 'string' || found[axis] === n);
