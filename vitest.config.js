import { defineConfig } from 'vitest/config';

const source = (path) => new URL(path, import.meta.url).pathname;
const BROWSER_TESTS = 'tests/e2e/**/*.test.ts';

export default defineConfig({
  resolve: {
    alias: {
      '@ohif-medsam/protocol/fixtures': source('protocol/fixtures/index.ts'),
      '@ohif-medsam/protocol': source('protocol/src/index.ts'),
    },
  },
  test: {
    reporters: ['default', './tests/support/missingToolsReporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['{protocol,server,extension,tests}/**/*.test.{ts,tsx}'],
          exclude: [BROWSER_TESTS, '**/node_modules/**'],
          // Two cores: more files at once only make the real servers and engines time out.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [BROWSER_TESTS],
          globalSetup: ['buildExtension', 'demoArchive'].map((name) => source(`./tests/e2e/${name}.ts`)),
          // Alone: a browser that draws with the processor, its server and an engine fill two cores.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
