import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box, ModelInfo, Runs } from '@ohif-medsam/protocol';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { whyUnreadable, type ModelCard } from './card.ts';
import { cropAround, expectedDice, maskFromLogits } from './cropModel.ts';
import { goldenInput } from './golden.ts';
import type { EngineOptions } from './wire.ts';

/** A model in memory, checked against its card. */
export interface LoadedModel {
  readonly info: ModelInfo;
  /** Execution providers that were to be used before this one and could not. */
  readonly passedOver: readonly string[];
  segment(image: SliceImage, box: Box): Promise<{ runs: Runs; score: number }>;
}

/** Why a model cannot be used; the text goes to `/health` and into the error the user sees. */
export class ModelProblem extends Error {}

const PROVIDER_NAMES = { cpu: 'CPU', cuda: 'GPU (CUDA)', webgpu: 'GPU (WebGPU)' } as const;
export type Provider = keyof typeof PROVIDER_NAMES;

/**
 * Loads a model with the first execution provider that exists and computes the card's golden logits.
 * @throws ModelProblem if the weights are missing or differ from the card, or no provider computes what the card says.
 */
export async function loadModel(folder: string, card: ModelCard, options: EngineOptions): Promise<LoadedModel> {
  const weights = await verifiedWeights(folder, card);
  const passedOver: string[] = [];
  for (const provider of options.providers) {
    try {
      const session = await InferenceSession.create(weights, sessionOptions(provider, options.threads));
      checkContract(session, card);
      await checkGolden(session, card);
      return {
        info: infoOf(card, provider),
        passedOver,
        segment: async (image, box) => segment(session, card, image, box),
      };
    } catch (error) {
      passedOver.push(`${PROVIDER_NAMES[provider]}: ${messageOf(error)}`);
    }
  }
  throw new ModelProblem(passedOver.join(' '));
}

/** onnxruntime loads a bit-flipped file without a word: length and hash are compared first. */
async function verifiedWeights(folder: string, card: ModelCard): Promise<Uint8Array> {
  const { path, bytes, sha256 } = card.files.fp32;
  const weights = await readFile(join(folder, path)).catch((error: unknown) => {
    throw new ModelProblem(`The weights ${path} cannot be read${whyUnreadable(error)}.`);
  });
  if (weights.byteLength !== bytes)
    throw new ModelProblem(`${path} has ${String(weights.byteLength)} bytes, its card says ${String(bytes)}.`);
  const hash = createHash('sha256').update(weights).digest('hex');
  if (hash !== sha256) throw new ModelProblem(`${path} is corrupt: SHA-256 ${hash}, its card says ${sha256}.`);
  return weights;
}

const sessionOptions = (provider: Provider, threads: number): InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  intraOpNumThreads: threads,
  graphOptimizationLevel: 'all',
  // Saves a quarter of the memory at no cost in time (measured on int8 ViT-B).
  enableMemPattern: false,
  // Threads that spin after a run take the cores from the web server.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});

function checkContract(session: InferenceSession, card: ModelCard): void {
  const sides = [
    ['input', session.inputMetadata, card.input],
    ['output', session.outputMetadata, card.output],
  ] as const;
  for (const [side, found, wanted] of sides) {
    const [tensor] = found;
    const names = found.map(({ name }) => name).join(', ');
    if (found.length !== 1 || !tensor?.isTensor || tensor.name !== wanted.name)
      throw new ModelProblem(`The ${side}s of the graph are "${names}", its card says "${wanted.name}".`);
    const fits =
      tensor.type === 'float32' &&
      tensor.shape.length === wanted.shape.length &&
      wanted.shape.every((n, axis) => n === 'n' || typeof tensor.shape[axis] === 'string' || tensor.shape[axis] === n);
    if (!fits)
      throw new ModelProblem(
        `The ${side} "${wanted.name}" of the graph is ${tensor.type} [${tensor.shape.join(', ')}], its card says float32 [${wanted.shape.join(', ')}].`,
      );
  }
}

async function checkGolden(session: InferenceSession, card: ModelCard): Promise<void> {
  const logits = await run(session, card, goldenInput(card.crop));
  const { at, logits: expected, tolerance } = card.golden;
  const difference = Math.max(...at.map((index, n) => Math.abs((logits[index] ?? NaN) - (expected[n] ?? NaN))));
  if (!(difference <= tolerance))
    throw new ModelProblem(`Golden logits differ by ${difference.toPrecision(2)}, more than ${String(tolerance)}.`);
}

async function run(session: InferenceSession, card: ModelCard, input: Float32Array): Promise<Float32Array> {
  const { size } = card.crop;
  const outputs = await session.run({ [card.input.name]: new Tensor('float32', input, [1, 4, size, size]) });
  const data = outputs[card.output.name]?.data;
  if (!(data instanceof Float32Array) || data.length !== size * size)
    throw new ModelProblem(`The graph answered no float32 [1, 1, ${String(size)}, ${String(size)}].`);
  return data;
}

async function segment(session: InferenceSession, card: ModelCard, image: SliceImage, box: Box) {
  const { tensor, region } = cropAround(image, box, card.crop);
  const logits = await run(session, card, tensor);
  const { threshold } = card.output;
  return {
    runs: maskFromLogits(logits, region, image.columns, image.rows, threshold),
    score: expectedDice(logits, threshold),
  };
}

const infoOf = (card: ModelCard, provider: Provider): ModelInfo => ({
  id: card.id,
  title: card.title,
  version: card.version,
  device: PROVIDER_NAMES[provider],
  sha256: card.files.fp32.sha256,
  licence: card.licence,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
