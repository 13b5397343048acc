import type { Reporter, TestModule } from 'vitest/node';

/** `describeWith` of tests/conformance/tools.ts puts into the name of a suite it skips what is missing and how to get it. */
const MISSING = /\[(.+)\]$/;

/** Says at the end why suites were skipped: the default reporter prints the names of those only that ran. */
export default class MissingToolsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const suites = modules.flatMap((module) => [...module.children.allSuites()]);
    const hints = suites.flatMap(({ name, options }) =>
      options.mode === 'skip' ? (MISSING.exec(name)?.[1] ?? []) : [],
    );
    for (const hint of new Set(hints.flatMap((names) => names.split('; ')))) console.log(`Skipped: ${hint}`);
  }
}
