import { AppError, type ModelInfo } from '@ohif-medsam/protocol';
import type {
  BoxMask,
  BoxRequest,
  EngineHealth,
  EngineRequest,
  InferenceEngine,
  PreparedCache,
  TrackRequest,
} from '../../ports/inferenceEngine.ts';
import { LRUCache } from 'lru-cache';
import { askProcess, type Question, type Work } from './askProcess.ts';
import { EngineChild } from './engineChild.ts';
import { processOptions, type OnnxEngineOptions } from './engineOptions.ts';
import { idOf, modelError, modelProblems, usableModels, type UsableModel } from './modelStates.ts';
import { Pace } from './pace.ts';
import { ProcessDeaths } from './processDeaths.ts';
import { RequestQueue } from './requestQueue.ts';
import { SharedWork, type Done, type Job } from './sharedWork.ts';
import type { Answer, ModelState } from './wire.ts';

/** Starting the process, and until it says what it loads first. */
const LOAD_TIMEOUT_MS = 180_000;
/** Whoever comes while several requests are answered in one run waits so long at most, by what the last one took. */
const LONGEST_BATCH_MS = 100;
/** So long several of what only succeeded alone are not tried in one run again. */
const ONLY_ALONE_MS = 600_000;
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
  readonly #work: SharedWork<Work, Answer>;
  #child: EngineChild | undefined;
  #state: EngineHealth['state'] = 'starting';
  #models: readonly ModelState[] | undefined;
  /** The cards have changed since the process read them. */
  #isStale = false;
  /** The process has read them, and has not loaded all that is new. */
  #hasMore = false;
  /** Who waits for the models to be read again. */
  #rereaders: (() => void)[] = [];
  #busy = false;
  /** Images that the present process holds. */
  #held = new Set<string>();
  #rssBytes: number | undefined;
  #prepared: PreparedCache = NOTHING_PREPARED;
  readonly #pace = new Pace();
  #restarts = 0;
  readonly #deaths = new ProcessDeaths();
  /** What failed in a run with others, and is asked again alone. */
  readonly #failedTogether = new WeakSet<Job<Work, Answer>>();
  /** Kinds of questions to a model of which several have failed where one did not, as for lack of memory. */
  readonly #onlyAlone = new LRUCache<string, true>({ max: 100, ttl: ONLY_ALONE_MS });
  #restart: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #onModels: (() => void)[] = [];

  constructor(options: OnnxEngineOptions) {
    this.#options = options;
    const queue = new RequestQueue<Job<Work, Answer>>(options.queueLength, (waiting) => waiting * this.#pace.typicalMs);
    this.#work = new SharedWork(queue);
  }

  async start(): Promise<void> {
    this.#held = new Set();
    this.#hasMore = false;
    const child: EngineChild = new EngineChild((reason) => this.#onEnd(child, reason));
    this.#child = child;
    const { log } = this.#options;
    try {
      await this.#load(child, 'load');
      this.#state = 'ready';
      log.info({ pid: child.pid, models: this.#models, rssBytes: this.#rssBytes }, 'inference process ready');
      this.#pump();
    } catch (error) {
      log.warn({ pid: child.pid, err: error }, 'inference process did not start');
      child.kill();
    }
  }

  async #load(child: EngineChild, kind: 'load' | 'reload'): Promise<void> {
    // What changes from now on may be missed.
    if (!this.#hasMore) this.#isStale = false;
    const answer = await child.ask(
      { kind, options: processOptions(this.#options, this.#deaths.deadly) },
      LOAD_TIMEOUT_MS,
    );
    if (answer.kind !== 'loaded') throw new Error(`expected "loaded", got "${answer.kind}"`);
    this.#hasMore = answer.more;
    if (!answer.more) this.#deaths.noteLoaded();
    if (!answer.more && !this.#isStale) this.#settleRereaders();
    const isNews = JSON.stringify(this.#models) !== JSON.stringify(answer.models);
    this.#models = answer.models;
    this.#rssBytes = answer.rssBytes;
    if (!isNews) return;
    this.#onlyAlone.clear();
    for (const listener of this.#onModels) listener();
  }

  async #reload(child: EngineChild): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#load(child, 'reload');
      log.info({ models: this.#models, rssBytes: this.#rssBytes }, 'models read again');
    } catch (error) {
      this.#hasMore = false;
      log.warn({ err: error }, 'models could not be read again');
    }
  }

  async rereadModels(): Promise<void> {
    if (this.#closed) return;
    this.#isStale = true;
    const read = new Promise<void>((resolve) => this.#rereaders.push(resolve));
    this.#pump();
    return read;
  }

  #settleRereaders(): void {
    for (const resolve of this.#rereaders.splice(0)) resolve();
  }

  onModelsChanged(listener: () => void): void {
    this.#onModels.push(listener);
  }

  models(): readonly ModelInfo[] {
    return usableModels(this.#models).map(({ info }) => info);
  }

  model(modelId: string): ModelInfo {
    this.#check(modelId);
    const found = this.models().find(({ id }) => id === modelId);
    if (!found) throw new AppError('engine-failed', this.#deaths.last);
    return found;
  }

  #usable(modelId: string): UsableModel | undefined {
    return usableModels(this.#models).find(({ info }) => info.id === modelId);
  }

  /** The chosen one, or the first usable one of a folder that does not have it. A broken one is not replaced silently. */
  get defaultModelId(): string {
    const wanted = this.#options.defaultModelId;
    const isThere = wanted !== undefined && (this.#models?.some((model) => idOf(model) === wanted) ?? true);
    return isThere ? wanted : (this.models()[0]?.id ?? wanted ?? '');
  }

  hasEmbedding(modelId: string): boolean {
    return this.#usable(modelId)?.hasEmbedding ?? false;
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

  hasLearnedScore(modelId: string): boolean {
    return this.#usable(modelId)?.hasLearnedScore ?? false;
  }

  hasMemory(modelId: string): boolean {
    return this.#usable(modelId)?.hasMemory ?? false;
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
  ): Promise<Done<Answer>> {
    const { modelId, signal } = request;
    if (signal?.aborted) throw new AppError('cancelled');
    this.#check(modelId);
    const key = JSON.stringify([modelId, images[0].key, question]);
    const done = this.#work.want(key, { modelId, question, images, spare }, request);
    this.#pump();
    return done;
  }

  health(): readonly EngineHealth[] {
    const problems = modelProblems(this.#models);
    const loading = this.#child?.attempt?.what;
    if (this.#state !== 'ready' && this.#deaths.last !== undefined) problems.push(this.#deaths.last);
    return [
      {
        state: this.#state,
        pid: this.#child?.pid,
        restarts: this.#restarts,
        queued: this.#work.size,
        rssBytes: this.#rssBytes,
        prepared: this.#prepared,
        ...(loading !== undefined && { loading }),
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
    if (this.#state === 'failed') throw new AppError('engine-failed', this.#deaths.last);
    const error = modelError(this.#models, modelId);
    if (error) throw error;
  }

  /**
   * Hands what comes next to the process, if both are there. Changed models come first, since what waits may want them; a person
   * waits until one of them is loaded, not for all.
   */
  #pump(): void {
    const child = this.#child;
    if (this.#busy || this.#state !== 'ready' || !child) return;
    const isBehind = this.#isStale || this.#hasMore;
    const jobs = isBehind ? (this.#hasMore ? this.#nextJobs(isPrompt) : []) : this.#nextJobs();
    if (jobs.length === 0 && !isBehind) return;
    this.#busy = true;
    void (jobs.length > 0 ? this.#run(jobs, child) : this.#reload(child)).finally(() => {
      this.#busy = false;
      this.#pump();
    });
  }

  /** One, and those that its model answers in the same run. */
  #nextJobs(isMeant?: (job: Job<Work, Answer>) => boolean): Job<Work, Answer>[] {
    const first = this.#work.next(isMeant);
    if (!first) return [];
    const jobs = [first];
    const isAlike = ({ priority, work: { modelId, question }, isRepeated }: Job<Work, Answer>) =>
      priority === first.priority &&
      modelId === first.work.modelId &&
      question.kind === first.work.question.kind &&
      !isRepeated;
    for (let most = this.#mostWith(first); jobs.length < most;) {
      const other = this.#work.next(isAlike);
      if (!other) break;
      jobs.push(other);
    }
    return jobs;
  }

  /** What may have killed a process runs alone, as does what remembers; the others no longer than whoever comes next may wait. */
  #mostWith({ work: { modelId, question }, isRepeated }: Job<Work, Answer>): number {
    const { batch = 1 } = this.#usable(modelId) ?? {};
    const kind = `${modelId} ${question.kind}`;
    if (isRepeated || question.kind === 'track' || this.#onlyAlone.has(kind)) return 1;
    return Math.max(1, Math.min(batch, this.#pace.fittingInto(LONGEST_BATCH_MS, kind)));
  }

  /** @param jobs - About one model. */
  async #run(jobs: readonly Job<Work, Answer>[], child: EngineChild): Promise<void> {
    const modelId = jobs[0]?.work.modelId ?? '';
    const problem = modelError(this.#models, modelId);
    if (problem) return jobs.forEach((job) => this.#work.reject(job, problem));
    const startedAt = performance.now();
    try {
      const works = jobs.map(({ work }) => work);
      const answered = await askProcess(child, works, this.#held, this.#options.runTimeoutMs);
      this.#rssBytes = answered.rssBytes;
      this.#prepared = answered.prepared;
      this.#deaths.noteAnswered();
      this.#answer(jobs, answered.answers, performance.now() - startedAt);
    } catch (cause) {
      // Most often the process died of something else, as of a lack of memory: only what kills the next one too is to blame.
      // What hung is not waited for twice.
      const hung = performance.now() - startedAt >= this.#options.runTimeoutMs;
      const canRepeat = !hung && this.#state === 'restarting';
      for (const job of [...jobs].reverse())
        if (!canRepeat || !this.#work.repeat(job))
          this.#work.reject(job, new AppError('engine-failed', undefined, { cause }));
    }
  }

  /** @param inferenceMs - How long their common run took. */
  #answer(jobs: readonly Job<Work, Answer>[], answers: readonly Answer[], inferenceMs: number): void {
    // The last one first: what is put back goes before all others.
    for (const [n, job] of [...jobs.entries()].reverse()) {
      const answer = answers[n] ?? { kind: 'failed', reason: 'There was no answer.' };
      const isFailed = answer.kind === 'failed';
      // One may have room in a GPU's memory where several have none.
      if (isFailed && jobs.length > 1 && this.#work.repeat(job)) {
        this.#failedTogether.add(job);
        continue;
      }
      const { priority, queuedAt, startedAt = queuedAt, work } = job;
      this.#options.observe?.({ priority, queuedMs: startedAt - queuedAt, inferenceMs });
      if (isFailed) {
        this.#work.reject(job, new AppError('engine-failed', answer.reason));
        continue;
      }
      const kind = `${work.modelId} ${work.question.kind}`;
      // What fails is over sooner than what is answered.
      this.#pace.note(kind, inferenceMs / jobs.length);
      if (this.#failedTogether.has(job)) this.#onlyAlone.set(kind, true);
      this.#work.resolve(job, answer);
    }
  }

  /** Whatever waits is kept for the next process, and the request that ran asked again. */
  #onEnd({ attempt, hung }: EngineChild, reason: string): void {
    this.#rssBytes = undefined;
    this.#prepared = NOTHING_PREPARED;
    // The next process reads them anyway.
    this.#settleRereaders();
    this.#deaths.note(reason, attempt, hung);
    if (this.#closed) return;
    const { inARow, delayMs, hopeless } = this.#deaths;
    this.#state = hopeless ? 'failed' : 'restarting';
    if (hopeless) this.#work.rejectWaiting(new AppError('engine-failed', reason));
    this.#options.log.warn({ reason, inARow, delayMs }, 'inference process ended, restarting');
    this.#restart = setTimeout(() => {
      this.#restarts++;
      void this.start();
    }, delayMs);
  }
}

const isPrompt = ({ priority }: Job<Work, Answer>): boolean => priority === 'prompt';

function boxMask({ answer, queuedMs }: Done<Answer>): BoxMask {
  if (answer.kind !== 'segmented') throw new Error(`expected "segmented", got "${answer.kind}"`);
  const { runs, score, inferenceMs } = answer;
  return { runs: Array.from(runs), score, inferenceMs, queuedMs };
}
