import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import type { Tool } from '../conformance/tools.ts';

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

export const chromiumTool: Tool = {
  missing:
    executablePath === undefined
      ? 'no Chromium found (apt-get install chromium, or set CHROMIUM_PATH to a Chrome or Chromium)'
      : undefined,
};

/**
 * Headless, with WebGL drawn by the processor, and the page put together by it, as Chromium does by itself where there is no graphics
 * card: machines that run tests rarely have one. What is announced as drawn is drawn then.
 */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--use-angle=swiftshader-webgl',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ args: FLAGS, ...(executablePath === undefined ? {} : { executablePath }) });
