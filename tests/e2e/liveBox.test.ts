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
      const [, , x1, y1] = await drawKidney(ada);
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

  it(
    '[E14] where the processor draws, each pixel of a viewport is drawn once, and masks look as vtk.js by itself would draw them',
    async () => {
      const ada = await open('medsam', (page) => page.addInitScript(NOTE_CONTEXTS));
      // Two that touch, each with a colour and a width of its own.
      const [x0, y0, x1, y1] = await drawKidney(ada);
      await ada.press('+ Add');
      await ada.drawBox([x0, y0, x1, Math.round((y0 + y1) / 2)]);
      await ada.until(async () => (await ada.settledVoxelsOf(2)) > 0 && (await ada.settledVoxelsOf(1)) > 0);
      await ada.page.waitForTimeout(1000);
      const contexts = await ada.page.evaluate(() => (window as unknown as { contexts: unknown[] }).contexts);
      expect(contexts).toContain('antialias: false');
      expect(contexts).not.toContain('antialias: true');
      for (const outline of [true, false])
        for (const view of [
          { rotation: 0, zoom: 1 },
          { rotation: 33, zoom: 4 },
          { rotation: 0, zoom: 0.3 },
        ]) {
          const { masked, different, part } = await drawnBothWays(ada, outline, view);
          expect(masked).toBeGreaterThan(100);
          expect(part).toBeLessThan(0.1);
          expect(different, JSON.stringify({ outline, view })).toBeLessThan(masked / 200);
        }
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    MINUTES_MS,
  );
});

/** One segment, on the middle slice. @returns Its box. */
async function drawKidney(ada: ViewerPage) {
  await ada.enter('Dr. Ada');
  await ada.showInstance(MIDDLE_INSTANCE, 1);
  const box = boxAround('kidneyLeft', MIDDLE);
  await ada.press('+ Add');
  await ada.drawBox([...box]);
  await ada.until(async () => (await ada.settledVoxelsOf(1)) > 0);
  return box;
}

/** How what is drawn for vtk.js, which says what it wants of the graphics card, is drawn in the end. */
const NOTE_CONTEXTS = `
  window.contexts = [];
  const stock = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, options) {
    const context = stock.call(this, kind, options);
    if (options?.powerPreference === 'high-performance' && options.depth === true)
      window.contexts.push('antialias: ' + context.getContextAttributes().antialias);
    return context;
  };
`;

/** Pixels of the viewport that the mask colours, how many of all look different with vtk.js' own mapper, and which part of the slice ours draws. */
const drawnBothWays = ({ page }: ViewerPage, outline: boolean, view: object) =>
  page.evaluate(
    async ([outline, view]) => {
      const core = (window as unknown as Watched)['@cornerstonejs/core'];
      const viewport = core.getRenderingEngines().flatMap((engine) => engine.getViewports())[0];
      const actor = viewport?.getActors().find(({ representationUID }) => representationUID !== undefined)?.actor;
      if (!viewport || !actor) throw new Error('nothing is drawn');
      viewport.setViewPresentation(view);
      const ours = actor.getMapper();
      const shaders = ours.getViewSpecificProperties();
      // Which draws what it is given.
      const stock = { ...ours, getCurrentImage: ours.getInputData };
      const texels = (mapper: Mapper) =>
        mapper
          .getCurrentImage()
          .getDimensions()
          .reduce((a, b) => a * b);
      const part = texels(ours) / texels(stock);
      const images: Uint8ClampedArray[] = [];
      for (const [visible, mapper] of [
        [true, ours],
        [true, stock],
        [false, ours],
      ] as const) {
        actor.setVisibility(visible);
        actor.setMapper(mapper);
        actor.getProperty().setUseLabelOutline(outline);
        actor.getProperty().setLabelOutlineThickness([5, 1]);
        mapper.setViewSpecificProperties(mapper === ours ? shaders : {});
        mapper.modified();
        const drawn = new Promise((resolve) => {
          document.addEventListener(core.Enums.Events['IMAGE_RENDERED'] ?? '', resolve, { capture: true, once: true });
        });
        viewport.render();
        await drawn;
        const { canvas } = viewport;
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
        if (pixels) images.push(pixels);
      }
      actor.setVisibility(true);
      actor.setMapper(ours);
      const [own = [], whole = [], bare = []] = images;
      let [masked, different] = [0, 0];
      for (let at = 0; at < own.length; at += 4) {
        const [r = 0, g = 0, b = 0] = [whole[at], whole[at + 1], whole[at + 2]];
        if (r !== bare[at] || g !== bare[at + 1] || b !== bare[at + 2]) masked++;
        if (
          Math.abs((own[at] ?? 0) - r) > 1 ||
          Math.abs((own[at + 1] ?? 0) - g) > 1 ||
          Math.abs((own[at + 2] ?? 0) - b) > 1
        )
          different++;
      }
      return { masked, different, part };
    },
    [outline, view] as const,
  );

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
  readonly canvas: HTMLCanvasElement;
  worldToCanvas(point: readonly number[]): readonly [number, number];
  setViewPresentation(view: object): void;
  render(): void;
  getActors(): { readonly representationUID?: string; readonly actor: Actor }[];
}
interface Actor {
  getIsOpaque(): boolean;
  setVisibility(visible: boolean): void;
  getProperty(): { setUseLabelOutline(outline: boolean): void; setLabelOutlineThickness(widths: number[]): void };
  getMapper(): Mapper;
  setMapper(mapper: Mapper): void;
}
interface Mapper {
  /** Of the labels of the whole slice. */
  getInputData: Mapper['getCurrentImage'];
  /** Of what is drawn. */
  getCurrentImage(): { getDimensions(): number[] };
  getViewSpecificProperties(): object;
  setViewSpecificProperties(properties: object): void;
  modified(): void;
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
