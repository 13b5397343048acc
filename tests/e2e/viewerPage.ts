import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Shared } from './cornerstoneOnPage.ts';

type Point = readonly [x: number, y: number];
type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** How long the viewer may take, on a slow machine, to show what it should. */
const PATIENCE_MS = 90_000;
const SETTLED_MS = 1000;
/** More than a page with all its panels has controls. */
const MOST_TABS = 200;

/** Pages that are open now. */
const open = new Set<Page>();

/** Pictures of all open pages, for whoever wonders why a test failed. @returns Where they are. */
export async function photograph(folder: string, name: string): Promise<string[]> {
  const paths = [...open].map((_, n) => join(folder, `${name}-${String(n + 1)}.png`));
  await Promise.all([...open].map((page, n) => page.screenshot({ path: paths[n] ?? '' })));
  for (const page of [...open]) await page.context().close();
  return paths;
}

/** One person's browser page with the viewer, and what this person can do with hand and eye. */
export class ViewerPage {
  readonly page: Page;
  /** What the page threw, and what it asked of other machines. */
  readonly faults: string[] = [];

  private constructor(page: Page, { origin }: URL) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('request', (request) => {
      const { protocol, origin: asked } = new URL(request.url());
      if (/^https?:$/.test(protocol) && asked !== origin) this.faults.push(`asked ${request.url()}`);
    });
  }

  /** Each has a browser context, and with it a memory, of its own. `before`: listens to the page before it loads. */
  static async open(browser: Browser, url: string, before?: (page: Page) => unknown): Promise<ViewerPage> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    const viewer = new ViewerPage(await context.newPage(), new URL(url));
    await before?.(viewer.page);
    open.add(viewer.page);
    viewer.page.once('close', () => open.delete(viewer.page));
    await viewer.page.goto(url);
    return viewer;
  }

  async enter(name: string): Promise<void> {
    await this.page.getByLabel(/Your name/).fill(name);
    await this.page.keyboard.press('Enter');
    await this.connected();
  }

  /** The panel says so, and the first picture is drawn. */
  async connected(): Promise<void> {
    await this.page.getByText('Connected', { exact: true }).waitFor();
    await this.page.getByRole('region', { name: 'Segments' }).waitFor();
  }

  /** Brings an image of the stack (0-based) into view. */
  private async showImage(imageIndex: number): Promise<void> {
    await this.page.evaluate(async (index) => {
      const { getRenderingEngines, utilities } = (window as unknown as Shared)['@cornerstonejs/core'];
      const viewport = getRenderingEngines().flatMap((engine) => engine.getViewports())[0];
      if (viewport) await utilities.jumpToSlice(viewport.element, { imageIndex: index });
    }, imageIndex);
    await this.until(async () => (await this.sliceIndex()) === imageIndex);
  }

  /** Brings a frame (from 1) of an instance into view, wherever in the stack the viewer has put it. */
  async showInstance(sopInstanceUid: string, frame: number): Promise<void> {
    const ending = `/instances/${sopInstanceUid}/frames/${String(frame)}`;
    const index = await this.page.evaluate((end) => {
      const { getRenderingEngines } = (window as unknown as Shared)['@cornerstonejs/core'];
      const viewport = getRenderingEngines().flatMap((engine) => engine.getViewports())[0];
      return viewport?.getImageIds().findIndex((id) => id.endsWith(end)) ?? -1;
    }, ending);
    if (index < 0) throw new Error(`the viewer's stack has no image ${ending}`);
    await this.showImage(index);
  }

  sliceIndex(): Promise<number | undefined> {
    return this.page.evaluate(() =>
      (window as unknown as Shared)['@cornerstonejs/core']
        .getRenderingEngines()
        .flatMap((engine) => engine.getViewports())[0]
        ?.getSliceIndex(),
    );
  }

  /** Of the stack in view: distance of columns, of rows, and of the first two slices along their normal. */
  voxelSizeMm(): Promise<readonly [number, number, number]> {
    return this.page.evaluate(() => {
      const { getRenderingEngines, metaData } = (window as unknown as Shared)['@cornerstonejs/core'];
      const ids = getRenderingEngines()[0]?.getViewports()[0]?.getImageIds() ?? [];
      const [a, b] = ids.map((id) => metaData.get('imagePlaneModule', id));
      if (!a || !b) throw new Error('the stack has no geometry');
      const {
        rowCosines: [rx, ry, rz],
        columnCosines: [cx, cy, cz],
      } = a;
      const normal = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
      const along = normal.map(
        (n, axis) => n * ((b.imagePositionPatient[axis] ?? 0) - (a.imagePositionPatient[axis] ?? 0)),
      );
      return [a.columnPixelSpacing, a.rowPixelSpacing, Math.abs(along.reduce((sum, mm) => sum + mm, 0))] as const;
    });
  }

  /** Where on the page the centre of a voxel is: (i, j, k) of the image or volume that viewport `n` shows. */
  pointOf(n: number, index: readonly [number, number, number]): Promise<Point> {
    return this.page.evaluate(
      ([at, ijk]) => {
        const { getRenderingEngines } = (window as unknown as Shared)['@cornerstonejs/core'];
        const viewport = getRenderingEngines().flatMap((engine) => engine.getViewports())[at];
        if (!viewport) throw new Error(`no viewport ${String(at)}`);
        const canvas = viewport.worldToCanvas(viewport.getImageData().imageData.indexToWorld([...ijk]));
        const { left, top } = viewport.element.getBoundingClientRect();
        return [(canvas[0] ?? 0) + left, (canvas[1] ?? 0) + top] as const;
      },
      [n, index] as const,
    );
  }

  /** The voxel at a point of the page in viewport `n`, which shows a volume: column, row, and the SOP instance of the frame. */
  voxelAt(n: number, point: Point): Promise<{ i: number; j: number; sopInstanceUid: string }> {
    return this.page.evaluate(
      ([at, [x, y]]) => {
        const { getRenderingEngines } = (window as unknown as Shared)['@cornerstonejs/core'];
        const viewport = getRenderingEngines().flatMap((engine) => engine.getViewports())[at];
        if (!viewport) throw new Error(`no viewport ${String(at)}`);
        const { left, top } = viewport.element.getBoundingClientRect();
        const world = viewport.canvasToWorld([x - left, y - top]);
        const [i = 0, j = 0, k = 0] = viewport.getImageData().imageData.worldToIndex(world).map(Math.round);
        const imageId = viewport.getImageIds()[k] ?? '';
        return { i, j, sopInstanceUid: /instances\/([\d.]+)/.exec(imageId)?.[1] ?? '' };
      },
      [n, point] as const,
    );
  }

  /** @param restMs - How long the hand rests before it lets go. */
  async drag([x0, y0]: Point, [x1, y1]: Point, restMs = 0): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(x0, y0);
    await mouse.down();
    await mouse.move((x0 + x1) / 2, (y0 + y1) / 2, { steps: 4 });
    await mouse.move(x1, y1, { steps: 4 });
    if (restMs > 0) await this.page.waitForTimeout(restMs);
    await mouse.up();
  }

  /** Draws a box with the MedSAM tool, chosen by its hotkey, on the image in view; in pixel indices. */
  async drawBox([x0, y0, x1, y1]: Box): Promise<void> {
    const [from, to] = [await this.pointOf(0, [x0, y0, 0]), await this.pointOf(0, [x1, y1, 0])];
    await this.hotkey('b', from);
    await this.drag(from, to);
  }

  /** Hotkeys are the viewer's while the pointer, and not a field of the panel, has the attention. */
  async hotkey(key: string, over: Point): Promise<void> {
    await this.page.mouse.move(...over);
    await this.page.keyboard.press(key);
  }

  /** Voxels of each number in the labelmap that the viewer shows, over the whole series. */
  async voxels(): Promise<Record<number, number>> {
    return this.page.evaluate(() => {
      const { cache } = (window as unknown as Shared)['@cornerstonejs/core'];
      const { segmentation } = (window as unknown as Shared)['@cornerstonejs/tools'];
      const counts: Record<number, number> = {};
      for (const { segmentationId } of segmentation.state.getSegmentations()) {
        for (const imageId of segmentation.getLabelmapImageIds(segmentationId)) {
          for (const label of cache.getImage(imageId).voxelManager.getScalarData())
            if (label !== 0) counts[label] = (counts[label] ?? 0) + 1;
        }
      }
      return counts;
    });
  }

  /** The label image of one image of the stack (0-based), row-major. */
  async labels(imageIndex: number): Promise<Uint8Array> {
    // As a text: a list of as many numbers takes seconds to be handed over.
    const bytes = await this.page.evaluate((index) => {
      const { cache } = (window as unknown as Shared)['@cornerstonejs/core'];
      const { segmentation } = (window as unknown as Shared)['@cornerstonejs/tools'];
      const first = segmentation.state.getSegmentations()[0];
      const imageId = first && segmentation.getLabelmapImageIds(first.segmentationId)[index];
      if (imageId === undefined) return '';
      return new TextDecoder('x-user-defined').decode(
        Uint8Array.from(cache.getImage(imageId).voxelManager.getScalarData()),
      );
    }, imageIndex);
    return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  }

  /** Which pixels of each source instance the first segmentation shows under a label: flat indices, ascending. */
  async pixelsByInstance(label: number): Promise<Map<string, number[]>> {
    const found = await this.page.evaluate((wanted) => {
      const { cache } = (window as unknown as Shared)['@cornerstonejs/core'];
      const { segmentation } = (window as unknown as Shared)['@cornerstonejs/tools'];
      const first = segmentation.state.getSegmentations()[0];
      return (first ? segmentation.getLabelmapImageIds(first.segmentationId) : []).map((imageId) => {
        const { referencedImageId, voxelManager } = cache.getImage(imageId);
        const pixels: number[] = [];
        voxelManager.getScalarData().forEach((value, at) => value === wanted && pixels.push(at));
        return [/instances\/([\d.]+)/.exec(referencedImageId)?.[1] ?? '', pixels] as const;
      });
    }, label);
    return new Map(found.filter(([, pixels]) => pixels.length > 0));
  }

  /** The first picture is drawn, whatever panels are open. */
  async imageShown(): Promise<void> {
    await this.page.locator('canvas.cornerstone-canvas').first().waitFor();
    await this.until(async () => (await this.sliceIndex()) !== undefined);
  }

  /** What the panel says of a segment. */
  row(label: string): Locator {
    const field = this.page.getByLabel(`Name of ${label}`, { exact: true });
    return this.page
      .getByRole('radiogroup', { name: /Segment that/ })
      .getByRole('listitem')
      .filter({ has: field });
  }

  /** Goes on with the Tab key until the panel's control has the focus, as somebody without a mouse does. */
  async tabTo(control: Locator): Promise<void> {
    await control.waitFor();
    for (let n = 0; n < MOST_TABS; n++) {
      if (await control.evaluate((element) => element === element.ownerDocument.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${String(control)}`);
  }

  boxes(): Promise<number> {
    return this.annotations('MedsamBox');
  }

  /** How many a tool has drawn. */
  annotations(toolName: string): Promise<number> {
    return this.page.evaluate(
      (tool) =>
        (window as unknown as Shared)['@cornerstonejs/tools'].annotation.state
          .getAllAnnotations()
          .filter(({ metadata }) => metadata.toolName === tool).length,
      toolName,
    );
  }

  /** Where on the page the first and the last corner of each box stand in the first viewport. */
  boxCorners(): Promise<(readonly [Point, Point])[]> {
    return this.page.evaluate(() => {
      const viewport = (window as unknown as Shared)['@cornerstonejs/core']
        .getRenderingEngines()
        .flatMap((engine) => engine.getViewports())[0];
      if (!viewport) throw new Error('no viewport');
      const { left, top } = viewport.element.getBoundingClientRect();
      const onPage = (world: readonly number[] = []): Point => {
        const [x = NaN, y = NaN] = viewport.worldToCanvas([...world]);
        return [x + left, y + top];
      };
      return (window as unknown as Shared)['@cornerstonejs/tools'].annotation.state
        .getAllAnnotations()
        .filter(({ metadata }) => metadata.toolName === 'MedsamBox')
        .map(({ data: { handles } }) => [onPage(handles.points[0]), onPage(handles.points.at(-1))] as const);
    });
  }

  /** Takes a tool of cornerstone's into the hand for which the mode has no button. */
  takeTool(toolName: string): Promise<void> {
    return this.page.evaluate((tool) => {
      const group = (window as unknown as Shared)['@cornerstonejs/tools'].ToolGroupManager.getToolGroup('default');
      group.setToolPassive(group.getActivePrimaryMouseButtonTool());
      if (!group.hasTool(tool)) group.addTool(tool);
      group.setToolActive(tool, { bindings: [{ mouseButton: 1 }] });
    }, toolName);
  }

  /** Adds a segment to those that all still have the name they were given. @returns Its number. */
  async addSegment(): Promise<number> {
    const number = (await this.page.getByRole('radio', { name: /Work on/ }).count()) + 1;
    await this.press('+ Add');
    await this.row(`Segment ${String(number)}`).waitFor();
    return number;
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole('button', { name }).click();
  }

  /** Waits for what the viewer shows in the end. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`never came true: ${holds.toString()}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Voxels of segment `number` once they no longer change: brushes go on for a moment after the hand has left the mouse. */
  async settledVoxelsOf(number: number): Promise<number> {
    let [count, before] = [await this.voxelsOf(number, () => true), -1];
    while (count !== before) {
      await this.page.waitForTimeout(SETTLED_MS);
      [before, count] = [count, await this.voxelsOf(number, () => true)];
    }
    return count;
  }

  /** Voxels of segment `number` as soon as they are such as `holds` wants them. */
  async voxelsOf(number: number, holds: (count: number) => boolean): Promise<number> {
    let count = 0;
    await this.until(async () => holds((count = (await this.voxels())[number] ?? 0)));
    return count;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
