import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { describeWith } from '../conformance/tools.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { chromiumTool, launchChromium } from './chromium.ts';
import { folderWithDemoStudy } from './demoArchive.ts';
import { photograph, ViewerPage } from './viewerPage.ts';

const START_MS = 300_000;

/**
 * Opens the demo study in a mode, named by its route and what else stands in the address, as somebody with a browser of their own; the
 * study list where no route is given.
 */
type OpenMode = (route: string, before?: (page: Page) => unknown) => Promise<ViewerPage>;

function addressOf({ url }: ServerProcess, route: string): string {
  if (route === '') return url;
  const address = new URL(route, url);
  address.searchParams.set('StudyInstanceUIDs', PHANTOM_SERIES.studyUid);
  return address.href;
}

interface Served {
  /** The server that runs now. */
  readonly server: () => ServerProcess;
  /** Starts it again, at the same address and with the same state, once it was killed. */
  readonly restart: () => Promise<void>;
}

/** For a suite whose tests begin where those before ended: after a failure, each would wait in vain for what is not there. */
export function goOnOnlyAfterSuccess(): void {
  let failed: string | undefined;
  beforeEach(({ skip }) => {
    if (failed !== undefined) skip(`failed before: ${failed}`);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
}

/** Tests with a server and a browser of their own. Where one fails, pictures of its pages are left in the temporary folder. */
export function describeViewer(name: string, suite: (open: OpenMode, served: Served) => void): void {
  describeWith([chromiumTool], name, () => {
    let folder: string;
    let server: ServerProcess;
    let browser: Browser;

    beforeAll(async () => {
      folder = await folderWithDemoStudy();
      server = await startServerProcess({ MEDSAM_DATA: folder });
      browser = await launchChromium();
    }, START_MS);

    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        console.log('Seen when it failed:', await photograph(tmpdir(), `medsam-${task.name.slice(1, 4)}`));
    });

    afterAll(async () => {
      await browser?.close();
      await server?.kill();
      await rm(folder, { recursive: true, force: true });
    });

    suite((route, before) => ViewerPage.open(browser, addressOf(server, route), before), {
      server: () => server,
      restart: async () => {
        server = await startServerProcess({ MEDSAM_DATA: folder, PORT: new URL(server.url).port });
      },
    });
  });
}
