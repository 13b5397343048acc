import { expect, it } from 'vitest';
import { describeViewer } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import type { ViewerPage } from './viewerPage.ts';

const MINUTES_MS = 180_000;

describeViewer('a box in the hand', (open) => {
  it(
    '[E11] the mask follows the box while it is dragged, and settles on release',
    async () => {
      const asked: string[] = [];
      const ada = await open('medsam', (page) =>
        page.on('websocket', (socket) =>
          socket.on('framesent', ({ payload }) => asked.push(...(/"prompt:\w+"/.exec(String(payload)) ?? []))),
        ),
      );
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const total = async () => Object.values(await ada.voxels()).reduce((sum, count) => sum + count, 0);
      const before = await total();
      const [x0, y0, x1, y1] = boxAround('kidneyRight', MIDDLE);
      const [from, to] = [await ada.pointOf(0, [x0, y0, 0]), await ada.pointOf(0, [x1, y1, 0])];
      await ada.hotkey('b', from);
      await ada.page.mouse.down();
      await ada.page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 });
      const preview = ada.page.locator('svg.svg-layer path');
      await preview.waitFor();
      const half = await preview.getAttribute('d');
      await ada.page.mouse.move(...to, { steps: 4 });
      await ada.until(async () => (await preview.getAttribute('d')) !== half && (await previewRests(preview)));
      // Nothing of it is in the document, nor in the labelmap.
      expect(await total()).toBe(before);
      const promised = await pixelsOf(ada, preview);
      await ada.page.mouse.up();
      await ada.until(async () => (await total()) > before);
      const drawn = (await total()) - before;
      expect(Math.abs(promised - drawn)).toBeLessThan(0.1 * drawn);
      await ada.until(async () => (await preview.count()) === 0);
      // A click on its edge moves nothing, and asks for nothing: what was erased since would come back with the answer.
      const requests = asked.length;
      expect(requests).toBeGreaterThan(0);
      await ada.page.mouse.move((from[0] + to[0]) / 2, from[1], { steps: 3 });
      await ada.page.mouse.down();
      // Until cornerstone no longer takes it for half of a double click.
      await ada.page.waitForTimeout(600);
      await ada.page.mouse.up();
      await ada.page.waitForTimeout(1000);
      expect(asked.slice(requests)).toEqual([]);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    MINUTES_MS,
  );

  it(
    '[E13] a box that was moved waits where it was let go, its preview with it, and no image is drawn before there is a mask to draw',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const [x0, y0, x1, y1] = boxAround('kidneyLeft', MIDDLE);
      await ada.press('+ Add');
      await ada.drawBox([x0, y0, x1, y1]);
      await ada.until(async () => (await ada.settledVoxelsOf(1)) > 0);
      await noteRelease(ada);
      const [from, to] = [await ada.pointOf(0, [x1, y1, 0]), await ada.pointOf(0, [x1 + 9, y1 + 6, 0])];
      await ada.drag(from, to, 1000);
      await ada.until(async () => (await released(ada)) !== null);
      const seen = await released(ada);
      expect(seen).toMatchObject({ imagesDrawn: 0, previews: 1, labelmaps: ['plain'] });
      const distances = (seen?.corners ?? []).map(([x, y]) => Math.hypot(x - to[0], y - to[1]));
      expect(Math.min(...distances)).toBeLessThan(3);
      await ada.until(async () => (await ada.page.locator('svg.svg-layer path').count()) === 0);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    MINUTES_MS,
  );
});

/** What was on the page, since the mouse was let go, in the moment before its mask was to be drawn. */
interface Released {
  readonly imagesDrawn: number;
  readonly previews: number;
  /** How each of the viewport is drawn: `plainLabelmaps.ts`. */
  readonly labelmaps: readonly ('plain' | 'translucent')[];
  /** Of each box on the lower right, on the page. */
  readonly corners: readonly (readonly [number, number])[];
}
interface Viewport {
  readonly element: Element;
  worldToCanvas(point: readonly number[]): readonly [number, number];
  getActors(): { readonly representationUID?: string; readonly actor: { getIsOpaque(): boolean } }[];
}
interface Library {
  readonly eventTarget: EventTarget;
  readonly Enums: { readonly Events: Record<string, string> };
}
interface Watched {
  medsamReleased: Released | null;
  readonly '@cornerstonejs/core': Library & {
    getRenderingEngines(): { getViewports(): Viewport[] }[];
  };
  readonly '@cornerstonejs/tools': Library & {
    readonly annotation: {
      readonly state: { getAllAnnotations(): { data: { handles: { points: readonly (readonly number[])[] } } }[] };
    };
  };
}

const released = ({ page }: ViewerPage) => page.evaluate(() => (window as unknown as Watched).medsamReleased);

/** From the next time that the mouse is let go. No named function: tsx would call a helper for it that the page has not. */
const noteRelease = ({ page }: ViewerPage): Promise<void> =>
  page.evaluate(() => {
    const shared = window as unknown as Watched;
    const { '@cornerstonejs/core': core, '@cornerstonejs/tools': tools } = shared;
    shared.medsamReleased = null;
    let imagesDrawn = 0;
    document.addEventListener(core.Enums.Events['IMAGE_RENDERED'] ?? '', () => imagesDrawn++, true);
    document.addEventListener('mouseup', () => (imagesDrawn = 0), true);
    core.eventTarget.addEventListener(tools.Enums.Events['SEGMENTATION_DATA_MODIFIED'] ?? '', () => {
      const viewport = core.getRenderingEngines().flatMap((engine) => engine.getViewports())[0];
      if (shared.medsamReleased || !viewport) return;
      const { left, top } = viewport.element.getBoundingClientRect();
      const corners = tools.annotation.state.getAllAnnotations().map(({ data }) => {
        const points = data.handles.points.map((point) => viewport.worldToCanvas(point));
        return [Math.max(...points.map(([x]) => x)) + left, Math.max(...points.map(([, y]) => y)) + top] as const;
      });
      const previews = document.querySelectorAll('svg.svg-layer path').length;
      const labelmaps = viewport
        .getActors()
        .filter(({ representationUID }) => representationUID !== undefined)
        .map(({ actor }) => (actor.getIsOpaque() ? 'plain' : 'translucent'));
      shared.medsamReleased = { imagesDrawn, previews, labelmaps, corners };
    });
  });

type Preview = ReturnType<ViewerPage['page']['locator']>;

/** Whether no newer mask comes for a moment. */
async function previewRests(preview: Preview): Promise<boolean> {
  const now = await preview.getAttribute('d');
  await preview.page().waitForTimeout(500);
  return (await preview.getAttribute('d')) === now;
}

/** Pixels of the image that the outline on the page encloses. */
async function pixelsOf(page: ViewerPage, preview: Preview): Promise<number> {
  const d = (await preview.getAttribute('d')) ?? '';
  const rings = d
    .split('M')
    .map((ring) => [...ring.matchAll(/(-?[\d.]+), (-?[\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]));
  const area = rings.reduce((sum, ring) => sum + shoelace(ring), 0);
  const [a, b] = [await page.pointOf(0, [0, 0, 0]), await page.pointOf(0, [100, 100, 0])];
  return Math.abs(area) / (((b[0] - a[0]) / 100) * ((b[1] - a[1]) / 100));
}

const shoelace = (ring: readonly (readonly number[])[]): number =>
  ring.reduce((sum, [x = 0, y = 0], n) => {
    const [nextX = 0, nextY = 0] = ring[(n + 1) % ring.length] ?? [];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
