import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BoxRequest, InferenceEngine, Priority } from '../../ports/inferenceEngine.ts';
import { makeModelFolder } from './fixtures/modelFolder.ts';
import { disc, DISC_BOX } from './fixtures/disc.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';
import type { OnnxEngineOptions } from './engineOptions.ts';

/** With a quick model, one that takes its time, and one that cannot do as many at once as the GPU may. */
let modelsFolder: string;
/** For all tests that want nothing special of it: each of them ends when there is nothing left to do. */
let plain: InferenceEngine;
let engine: InferenceEngine;
/** What the process has worked on. */
let served: Priority[];
const openEngine = async (changes: Partial<OnnxEngineOptions> = {}) => {
  engine = await openSmallEngine(modelsFolder, {
    defaultModelId: 'bright',
    observe: ({ priority }) => served.push(priority),
    ...changes,
  });
};
const ask = async (changes: Partial<BoxRequest> = {}) =>
  engine.segment({ modelId: 'bright', image: disc('disc'), priority: 'prompt', box: DISC_BOX, ...changes });

beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright', 'slow', 'pairs');
  await openEngine();
  plain = engine;
});
beforeEach(() => {
  served = [];
  engine = plain;
});
afterEach(async () => {
  if (engine !== plain) await engine.close();
});
afterAll(async () => {
  await plain.close();
  await rm(modelsFolder, { recursive: true });
});

describe('the queue', () => {
  it('serves a person before propagation, and propagation before guesses', async () => {
    const order: string[] = [];
    const running = ask({ modelId: 'slow' });
    const priorities: Priority[] = ['prefetch', 'propagation', 'visible', 'prompt', 'propagation', 'prompt'];
    const all = priorities.map(async (priority, n) => {
      await ask({ priority, image: disc(String(n)) });
      order.push(`${priority} ${String(n)}`);
    });
    await Promise.all([running, ...all]);
    expect(order).toEqual(['prompt 3', 'prompt 5', 'visible 2', 'propagation 1', 'propagation 4', 'prefetch 0']);
  });

  it('takes a cancelled request out, whether it waits or runs, at once', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const running = ask({ modelId: 'slow', signal: first.signal });
    const waiting = ask({ signal: second.signal });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    first.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(ask({ signal: first.signal })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(ask()).resolves.toBeDefined();
  });

  it('says that it is busy when too many wait, and serves those that do', async () => {
    await openEngine({ queueLength: 2 });
    await ask({ modelId: 'slow' });
    const asked = (client: string) => ask({ client, image: disc(client) });
    const taken = [ask({ modelId: 'slow' }), asked('Ada'), asked('Bob')];
    await expect(asked('Eve')).rejects.toMatchObject({
      code: 'engine-busy',
      detail: expect.stringMatching(/Try again in \d+ ms/) as string,
    });
    await expect(Promise.all(taken)).resolves.toHaveLength(3);
  });

  it("lets nobody wait behind all of another's propagation", async () => {
    const order: string[] = [];
    const propagated = async (client: string, n: number) => {
      await ask({ priority: 'propagation', client, image: disc(`${client} ${String(n)}`) });
      order.push(client);
    };
    const running = ask({ modelId: 'slow' });
    const ada = Array.from({ length: 5 }, async (_, n) => propagated('Ada', n));
    const bob = Array.from({ length: 3 }, async (_, n) => propagated('Bob', n));
    await Promise.all([running, ...ada, ...bob]);
    expect(order.join(' ')).toBe('Ada Bob Ada Bob Ada Bob Ada Ada');
  });

  it('has work begun no later than after the inference that runs when all before it is cancelled', async () => {
    const propagation = new AbortController();
    const asked = Array.from({ length: 6 }, async (_, n) =>
      ask({
        modelId: 'slow',
        priority: 'propagation',
        image: disc(String(n)),
        signal: propagation.signal,
      }),
    );
    const ends = Promise.allSettled(asked);
    await sleep(20);
    propagation.abort();
    await ask({ priority: 'prefetch' });
    expect((await ends).map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    expect(served).toEqual(['propagation', 'prefetch']);
  });
});

describe('a GPU that does several at once', () => {
  /** How long each run took, of whom it was, in order. */
  const runsOf = async (modelId: string, asks: readonly Priority[]) => {
    const runs = new Map<number, string[]>();
    await openEngine({
      batch: 4,
      observe: ({ priority, inferenceMs }) => runs.set(inferenceMs, [...(runs.get(inferenceMs) ?? []), priority]),
    });
    await ask({ modelId });
    runs.clear();
    const running = ask({ modelId, priority: 'visible' });
    await Promise.all([
      running,
      ...asks.map(async (priority, n) => ask({ modelId, priority, image: disc(String(n)), client: String(n % 2) })),
    ]);
    return [...runs.values()].map((priorities) => priorities.join(' '));
  };

  it('is asked together what is as urgent, and no more than it gains from', async () => {
    const asks: Priority[] = [...Array<Priority>(6).fill('propagation'), 'prompt', 'prefetch'];
    expect(await runsOf('bright', asks)).toEqual([
      'visible',
      'prompt',
      'propagation propagation propagation propagation',
      'propagation propagation',
      'prefetch',
    ]);
  });

  it('is asked one by one by a model that takes long, for a person may come meanwhile', async () => {
    expect(await runsOf('slow', ['prefetch', 'prefetch'])).toEqual(['visible', 'prefetch', 'prefetch']);
  });

  it('is asked again one by one what it had no room for together', async () => {
    const asks = Array<Priority>(4).fill('propagation');
    expect(await runsOf('pairs', asks)).toEqual(['visible', ...asks]);
  });

  it('is not asked together again where that has failed: `pairs` could do two', async () => {
    const runs = new Set<number>();
    await openEngine({ batch: 4, observe: ({ inferenceMs }) => runs.add(inferenceMs) });
    const askAtOnce = async (count: number) => {
      const running = ask({ modelId: 'pairs', priority: 'visible' });
      const images = Array.from({ length: count }, (_, n) => disc(String(n)));
      await Promise.all([
        running,
        ...images.map(async (image) => ask({ modelId: 'pairs', priority: 'propagation', image })),
      ]);
    };
    await ask({ modelId: 'pairs' });
    await askAtOnce(4);
    runs.clear();
    await askAtOnce(2);
    expect(runs.size).toBe(3);
  });

  it('is not taken for quicker by a question that fails at once', async () => {
    await openEngine({ batch: 4 });
    const runs: Promise<number>[] = [];
    const running = ask({ modelId: 'slow', priority: 'visible' });
    // An empty box.
    const failing = ask({ modelId: 'slow', box: [40, 10, 20, 25] });
    for (const key of ['one', 'other'])
      runs.push(ask({ modelId: 'slow', priority: 'prefetch', image: disc(key) }).then(({ queuedMs }) => queuedMs));
    await expect(failing).rejects.toMatchObject({ code: 'engine-failed' });
    await running;
    const [one = 0, other = 0] = await Promise.all(runs);
    expect(other).toBeGreaterThan(one + 20);
  });
});

describe('the same question', () => {
  it('of several people at once is worked on once, and answered to all', async () => {
    const askSlow = (client: string) => ask({ modelId: 'slow', client });
    const running = askSlow('Ada');
    await sleep(20);
    const answers = await Promise.all([running, askSlow('Bob'), askSlow('Eve'), ask(), ask()]);
    expect(new Set(answers.slice(0, 3).map(({ runs }) => runs.join()))).toHaveProperty('size', 1);
    expect(served).toHaveLength(2);
    await askSlow('Ada');
    expect(served).toHaveLength(3);
  });

  it('about another box, slice or model is another question', async () => {
    const others = [ask({ image: disc('other') }), ask({ modelId: 'slow' })];
    const moved = ask({ box: [20, 10, 40, 25] });
    const corrections = { inside: [[40, 25] as const], outside: [] };
    // This model takes boxes only, which is an answer too.
    const corrected = ask({ corrections }).catch(() => undefined);
    const [here, there] = await Promise.all([ask(), moved, corrected, ...others]);
    expect(here.runs).not.toEqual(there.runs);
    expect(served).toHaveLength(5);
  });

  it('goes on for the others when one of them gives up, and not at all when all do', async () => {
    const running = ask({ modelId: 'slow' });
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const asked = controllers.map(async ({ signal }, n) => ask({ image: disc(n < 2 ? 'both' : 'one'), signal }));
    const ends = Promise.allSettled(asked);
    controllers[0]?.abort();
    controllers[2]?.abort();
    await running;
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect(served).toHaveLength(2);
  });

  it('is as urgent as the most urgent of those who ask it', async () => {
    const image = disc('both');
    const running = ask({ modelId: 'slow' });
    const waiting = [
      ask({ priority: 'propagation', image: disc('other') }),
      ask({ priority: 'prefetch', image }),
      ask({ priority: 'prompt', image }),
    ];
    await Promise.all([running, ...waiting]);
    expect(served).toEqual(['prompt', 'prompt', 'propagation']);
  });
});
