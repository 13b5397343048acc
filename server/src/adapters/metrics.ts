import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineHealth, Served } from '../ports/inferenceEngine.ts';

const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1, 2, 5, 15];

/** Prometheus metrics of this process; names follow its conventions (base units, `_total`, `_seconds`, `_bytes`). */
export function createMetrics(read: { sliceBytes: () => number; engines: () => readonly EngineHealth[] }) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  /** Counted by the inference process: begins again with each. */
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [registry] });
  const sum = (of: (engine: EngineHealth) => number) => () =>
    read.engines().reduce((total, engine) => total + of(engine), 0);

  gauge('medsam_slice_store_bytes', 'Bytes of slices held in memory', read.sliceBytes);
  gauge(
    'medsam_engine_queue_length',
    'Requests waiting for inference',
    sum(({ queued }) => queued),
  );
  gauge(
    'medsam_engine_resident_bytes',
    'Resident memory of the inference process',
    sum(({ rssBytes }) => rssBytes ?? 0),
  );
  gauge(
    'medsam_prepared_bytes',
    'Bytes of embeddings kept',
    sum(({ prepared }) => prepared.bytes),
  );
  counter(
    'medsam_prepared_hits_total',
    'Embeddings asked for that were there',
    sum((e) => e.prepared.hits),
  );
  counter(
    'medsam_prepared_misses_total',
    'Embeddings that had to be computed',
    sum((e) => e.prepared.misses),
  );
  const promptSeconds = histogram('medsam_prompt_seconds', 'From a box received to its mask in the document', []);
  const queueSeconds = histogram('medsam_engine_queue_seconds', 'Time that requests waited for inference', [
    'priority',
  ]);
  const runSeconds = histogram('medsam_engine_run_seconds', 'Time that requests took in the inference process', [
    'priority',
  ]);
  return {
    text: () => registry.metrics(),
    promptSeconds: (seconds: number) => promptSeconds.observe(seconds),
    served: ({ priority, queuedMs, inferenceMs }: Served) => {
      queueSeconds.observe({ priority }, queuedMs / 1000);
      runSeconds.observe({ priority }, inferenceMs / 1000);
    },
  };
}
