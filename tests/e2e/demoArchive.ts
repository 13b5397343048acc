import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedArchive } from '@ohif-medsam/server/adapters/archive/embeddedArchive';
import { storeDemoStudy } from '@ohif-medsam/server/demo/storeDemoStudy';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { chromiumTool } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An archive with the demonstration study. */
    readonly demoArchive: string;
  }
}

/** Draws the demonstration study once for all browser tests: that takes longer than most of them. */
export default async function drawDemoStudy(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (chromiumTool.missing !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'medsam-demo-'));
  await storeDemoStudy(await EmbeddedArchive.open(folder), () => undefined);
  project.provide('demoArchive', folder);
  return () => rm(folder, { recursive: true, force: true });
}

/** A state folder of its own, in which the demonstration study lies as after a first start. */
export async function folderWithDemoStudy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'medsam-viewer-'));
  await cp(inject('demoArchive'), join(folder, 'archive'), { recursive: true });
  return folder;
}
