import { AppError, type ModelInfo } from '@ohif-medsam/protocol';
import type { Logger } from 'pino';
import type {
  BoxMask,
  BoxRequest,
  EngineHealth,
  EngineRequest,
  InferenceEngine,
  PreparedCache,
  Priority,
  Served,
  SliceImage,
  TrackRequest,
} from '../../ports/inferenceEngine.ts';
import { EngineChild } from './engineChild.ts';
import { RequestQueue } from './requestQueue.ts';
import { SharedWork, type Done, type Job } from './sharedWork.ts';
import type { Answered, EngineOptions, ModelState, Prepare, Segment, Track } from './wire.ts';

/** Left out: as trained, on the first GPU if there is one, and room for some sixty slices of the largest model. */
const DEFAULTS = { variant: 'fp32', device: 0, embeddingBytes: 256 * 1024 * 1024 } as const;

export interface OnnxEngineOptions
  extends Omit<EngineOptions, keyof typeof DEFAULTS>, Partial<Pick<EngineOptions, keyof typeof DEFAULTS>> {
  /** Left out, or not in the folder: the first usable model. */
  readonly defaultModelId?: string;
  /** Most requests that wait. */
  readonly queueLength: number;
  /** A request that runs longer has hung, and its process is killed. */
  readonly runTimeoutMs: number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Told of every request that was answered. */
  readonly observe?: (served: Served) => void;
}

/** What is asked of an image. */
type Question =
  | Pick<Prepare, 'kind'>
  | Pick<Segment, 'kind' | 'box' | 'corrections' | 'beside'>
  | Pick<Track, 'kind' | 'known' | 'planes'>;

interface Work {
  readonly modelId: string;
  readonly question: Question;
  /** Those that the question is about; itself first. */
  readonly images: readonly [SliceImage, ...SliceImage[]];
  /** Those that are sent only if the process says that it lacks them. */
  readonly spare: readonly SliceImage[];
}

/** Reading and checking a gigabyte of weights on a slow disk. */
const LOAD_TIMEOUT_MS = 180_000;
const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;
/** Deaths in a row after which waiting requests are no longer kept waiting. */
const HOPELESS_DEATHS = 5;
const NOTHING_PREPARED: PreparedCache = { bytes: 0, hits: 0, misses: 0 };

/**
 * Starts the engine process and loads every model of the folder. Resolves too if a model, or the process itself, cannot be
 * used: `health()` says what is wrong, and requests fail with `model-invalid` or `engine-failed`.
 */
export async function openOnnxEngine(options: OnnxEngineOptions): Promise<InferenceEngine> {
  const engine = new OnnxEngine(options);
  await engine.start();
  return engine;
}

/** The server's side: a queue in front of one engine process at a time, and a new process whenever one dies. */
class OnnxEngine implements InferenceEngine {
  readonly #options: OnnxEngineOptions;
  readonly #work: SharedWork<Work, Answered>;
  #child: EngineChild | undefined;
  #state: EngineHealth['state'] = 'starting';
  #models: readonly ModelState[] | undefined;
  /** The cards have changed since the process read them. */
  #isStale = false;
  #busy = false;
  /** Images that the present process holds. */
  #held = new Set<string>();
  #rssBytes: number | undefined;
  #prepared: PreparedCache = NOTHING_PREPARED;
  /** What a request takes, as the last ones did. */
  #typicalMs = 0;
  #restarts = 0;
  #deathsInARow = 0;
  #lastDeath: string | undefined;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #onModels: (() => void)[] = [];

  constructor(options: OnnxEngineOptions) {
    this.#options = options;
    const queue = new RequestQueue<Job<Work, Answered>>(options.queueLength, (waiting) => waiting * this.#typicalMs);
    this.#work = new SharedWork(queue);
  }

  async start(): Promise<void> {
    this.#held = new Set();
    const child = new EngineChild((reason) => this.#onEnd(reason));
    this.#child = child;
    const { log } = this.#options;
    try {
      await this.#load(child, 'load');
      this.#state = 'ready';
      log.info({ pid: child.pid, models: this.#models, rssBytes: this.#rssBytes }, 'inference process ready');
      this.#pump();
    } catch (error) {
      log.warn({ pid: child.pid, error }, 'inference process did not start');
      child.kill();
    }
  }

  async #load(child: EngineChild, kind: 'load' | 'reload'): Promise<void> {
    const { modelsFolder, installedFolder, providers, threads, imageBytes } = this.#options;
    const { variant, device, embeddingBytes } = { ...DEFAULTS, ...this.#options };
    const installed = installedFolder === undefined ? {} : { installedFolder };
    const options = { modelsFolder, ...installed, providers, device, threads, imageBytes, variant, embeddingBytes };
    // What changes from now on may be missed.
    this.#isStale = false;
    const answer = await child.ask({ kind, options }, LOAD_TIMEOUT_MS);
    if (answer.kind !== 'loaded') throw new Error(`expected "loaded", got "${answer.kind}"`);
    const isNews = JSON.stringify(this.#models) !== JSON.stringify(answer.models);
    this.#models = answer.models;
    this.#rssBytes = answer.rssBytes;
    if (isNews) for (const listener of this.#onModels) listener();
  }

  async #reload(child: EngineChild): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#load(child, 'reload');
      log.info({ models: this.#models, rssBytes: this.#rssBytes }, 'models read again');
    } catch (error) {
      log.warn({ error }, 'models could not be read again');
    }
  }

  rereadModels(): void {
    this.#isStale = true;
    this.#pump();
  }

  onModelsChanged(listener: () => void): void {
    this.#onModels.push(listener);
  }

  models(): readonly ModelInfo[] {
    return (this.#models ?? []).flatMap((model) => ('info' in model ? [model.info] : []));
  }

  model(modelId: string): ModelInfo {
    this.#check(modelId);
    const found = this.models().find(({ id }) => id === modelId);
    if (!found) throw new AppError('engine-failed', this.#lastDeath);
    return found;
  }

  /** The chosen one, or the first usable one of a folder that does not have it. A broken one is not replaced silently. */
  get defaultModelId(): string {
    const wanted = this.#options.defaultModelId;
    const isThere = wanted !== undefined && (this.#models?.some((model) => idOf(model) === wanted) ?? true);
    return isThere ? wanted : (this.models()[0]?.id ?? wanted ?? '');
  }

  hasEmbedding(modelId: string): boolean {
    return this.#models?.some((model) => 'info' in model && model.info.id === modelId && model.hasEmbedding) ?? false;
  }

  async prepare(request: EngineRequest): Promise<number> {
    this.#check(request.modelId);
    if (!this.hasEmbedding(request.modelId)) return 0;
    const { answer } = await this.#enqueue(request, { kind: 'prepare' }, [request.image]);
    if (answer.kind !== 'prepared') throw new Error(`expected "prepared", got "${answer.kind}"`);
    return answer.inferenceMs;
  }

  async segment(request: BoxRequest): Promise<BoxMask> {
    const { box, corrections, beside, image } = request;
    const there = beside && { beside: { imageKey: beside.image.key, mask: beside.mask } };
    const question = { kind: 'segment', box, ...(corrections && { corrections }), ...there } as const;
    return boxMask(await this.#enqueue(request, question, beside ? [image, beside.image] : [image]));
  }

  hasMemory(modelId: string): boolean {
    return this.#models?.some((model) => 'info' in model && model.info.id === modelId && model.hasMemory) ?? false;
  }

  async track(request: TrackRequest): Promise<BoxMask> {
    const { planes, image } = request;
    const known = request.known.map(({ image: { key }, ...rest }) => ({ ...rest, imageKey: key }));
    const spare = request.known.map((each) => each.image);
    return boxMask(await this.#enqueue(request, { kind: 'track', known, planes }, [image], spare));
  }

  async #enqueue(
    request: EngineRequest,
    question: Question,
    images: Work['images'],
    spare: Work['spare'] = [],
  ): Promise<Done<Answered>> {
    const { modelId, signal } = request;
    if (signal?.aborted) throw new AppError('cancelled');
    this.#check(modelId);
    const key = JSON.stringify([modelId, images[0].key, question]);
    const done = this.#work.want(key, { modelId, question, images, spare }, request);
    this.#pump();
    return done;
  }

  health(): readonly EngineHealth[] {
    const problems = this.#modelProblems();
    if (this.#state !== 'ready' && this.#lastDeath !== undefined) problems.push(this.#lastDeath);
    return [
      {
        state: this.#state,
        pid: this.#child?.pid,
        restarts: this.#restarts,
        queued: this.#work.size,
        rssBytes: this.#rssBytes,
        prepared: this.#prepared,
        ...(problems.length > 0 ? { problem: problems.join(' ') } : {}),
      },
    ];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    this.#work.rejectWaiting(new AppError('cancelled'));
    this.#child?.kill();
    return Promise.resolve();
  }

  /** @throws AppError if no process will ever answer a request for this model. */
  #check(modelId: string): void {
    if (this.#closed) throw new AppError('cancelled');
    if (this.#state === 'failed') throw new AppError('engine-failed', this.#lastDeath);
    const error = this.#modelError(modelId);
    if (error) throw error;
  }

  #modelError(modelId: string): AppError | undefined {
    // Until the first process has loaded, nothing is known: requests wait.
    if (!this.#models) return undefined;
    const model = this.#models.find((each) => idOf(each) === modelId);
    if (model) return 'info' in model ? undefined : new AppError('model-invalid', model.problem);
    if (this.models().length > 0) return new AppError('model-unknown', `Got "${modelId}".`);
    return new AppError('model-invalid', this.#modelProblems().join(' ') || 'There is no model card.');
  }

  #modelProblems(): string[] {
    return (this.#models ?? []).flatMap((model) =>
      'info' in model ? model.passedOver.map((reason) => `${model.info.title}: ${reason}`) : [model.problem],
    );
  }

  /** Hands the next task to the process, if both are there; changed models come first, since what waits may want them. */
  #pump(): void {
    const child = this.#child;
    if (this.#busy || this.#state !== 'ready' || !child) return;
    const job = this.#isStale ? undefined : this.#work.next();
    if (!job && !this.#isStale) return;
    this.#busy = true;
    void (job ? this.#run(job, child) : this.#reload(child)).finally(() => {
      this.#busy = false;
      this.#pump();
    });
  }

  async #run(job: Job<Work, Answered>, child: EngineChild): Promise<void> {
    const { modelId, question, images: about, spare } = job.work;
    const problem = this.#modelError(modelId);
    if (problem) return this.#work.reject(job, problem);
    const startedAt = performance.now();
    const ask = async (images: readonly SliceImage[]) => {
      for (const { key } of images) this.#held.add(key);
      return child.ask({ ...question, modelId, imageKey: about[0].key, images }, this.#options.runTimeoutMs);
    };
    const notHeld = () => about.filter(({ key }) => !this.#held.has(key));
    try {
      let answer = await ask(notHeld());
      if (answer.kind === 'lacking') {
        const { imageKeys, dropped } = answer;
        for (const key of dropped) this.#held.delete(key);
        answer = await ask([...notHeld(), ...spare.filter(({ key }) => imageKeys.includes(key))]);
      }
      if (answer.kind === 'loaded' || answer.kind === 'checked') throw new Error(`got "${answer.kind}"`);
      this.#rssBytes = answer.rssBytes;
      this.#prepared = answer.prepared;
      this.#observe(job.priority, startedAt - job.queuedAt, performance.now() - startedAt);
      for (const key of answer.dropped) this.#held.delete(key);
      this.#deathsInARow = 0;
      if (answer.kind === 'failed') this.#work.reject(job, new AppError('engine-failed', answer.reason));
      else this.#work.resolve(job, answer);
    } catch (cause) {
      // Most often the process died of something else, as of a lack of memory: only what kills the next one too is to blame.
      // What hung is not waited for twice.
      const hung = performance.now() - startedAt >= this.#options.runTimeoutMs;
      const canRepeat = !hung && this.#state === 'restarting' && this.#work.repeat(job);
      if (!canRepeat) this.#work.reject(job, new AppError('engine-failed', undefined, { cause }));
    }
  }

  #observe(priority: Priority, queuedMs: number, inferenceMs: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? inferenceMs : 0.9 * this.#typicalMs + 0.1 * inferenceMs;
    this.#options.observe?.({ priority, queuedMs, inferenceMs });
  }

  /** Whatever waits is kept for the next process, and the request that ran asked again. */
  #onEnd(reason: string): void {
    this.#lastDeath = reason;
    this.#rssBytes = undefined;
    this.#prepared = NOTHING_PREPARED;
    if (this.#closed) return;
    this.#deathsInARow++;
    const hopeless = this.#deathsInARow >= HOPELESS_DEATHS;
    this.#state = hopeless ? 'failed' : 'restarting';
    if (hopeless) this.#work.rejectWaiting(new AppError('engine-failed', reason));
    const delayMs = Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** (this.#deathsInARow - 1));
    this.#options.log.warn(
      { reason, deathsInARow: this.#deathsInARow, delayMs },
      'inference process ended, restarting',
    );
    this.#restart = setTimeout(() => {
      this.#restarts++;
      void this.start();
    }, delayMs);
  }
}

function boxMask({ answer, queuedMs }: Done<Answered>): BoxMask {
  if (answer.kind !== 'segmented') throw new Error(`expected "segmented", got "${answer.kind}"`);
  const { runs, score, inferenceMs } = answer;
  return { runs: Array.from(runs), score, inferenceMs, queuedMs };
}

const idOf = (model: ModelState): string => ('info' in model ? model.info.id : model.id);
