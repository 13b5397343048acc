/**
 * `npm run bench [section ...]`: how long things take on this machine. Says one number a line while it runs; the last line
 * is one JSON object of all of them.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { browser } from './browser.ts';
import { embedded } from './embedded.ts';
import { inference } from './inference.ts';
import { peers } from './peers.ts';
import { published } from './published.ts';
import { segmentation } from './segmentation.ts';
import type { LeftOut, Numbers, Section } from './section.ts';
import { tracking } from './tracking.ts';
import { users } from './users.ts';

const SECTIONS: Readonly<Record<string, Section>> = {
  inference,
  embedded,
  users,
  segmentation,
  browser,
  tracking,
  published,
  peers,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(`No section is called ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}.`);
  process.exit(1);
}

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${String(availableParallelism())} cores`;
console.log(`${machine}; load ${(loadavg()[0] ?? 0).toFixed(1)} at the start`);
const results: Record<string, unknown> = { machine };
for (const [name, section] of Object.entries(SECTIONS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const numbers = await section();
  if (isLeftOut(numbers)) {
    console.log(`${name}: left out, ${numbers.leftOut}`);
    results[name] = numbers;
    // Whoever asked for it by name does not get it.
    if (asked.includes(name)) process.exitCode = 1;
    continue;
  }
  for (const [key, value] of Object.entries(numbers)) console.log(`${name}.${key}: ${String(round(value))}`);
  results[name] = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, round(value)]));
}
console.log(JSON.stringify(results));

function isLeftOut(found: Numbers | LeftOut): found is LeftOut {
  return typeof found['leftOut'] === 'string';
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
