import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of this process; names follow its conventions (base units, `_total`, `_seconds`, `_bytes`). */
export function createMetrics(read: { sliceBytes: () => number; queued: () => number; engineRssBytes: () => number }) {
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
  gauge('medsam_slice_store_bytes', 'Bytes of slices held in memory', read.sliceBytes);
  gauge('medsam_engine_queue_length', 'Requests waiting for inference', read.queued);
  gauge('medsam_engine_resident_bytes', 'Resident memory of the inference process', read.engineRssBytes);
  const promptSeconds = new Histogram({
    name: 'medsam_prompt_seconds',
    help: 'From a box received to its mask in the document',
    buckets: [0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1, 2, 5],
    registers: [registry],
  });
  return { text: () => registry.metrics(), promptSeconds: (seconds: number) => promptSeconds.observe(seconds) };
}
