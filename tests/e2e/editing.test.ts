import { encodeRuns } from '@ohif-medsam/protocol';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomLabels } from '@ohif-medsam/server/demo/phantomSlice';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import { expect, it } from 'vitest';
import { correctingClick } from '../../server/src/evaluate/correctingClick.ts';
import { describeViewer } from './describeViewer.ts';
import { boxAround, diceIn, MIDDLE, MIDDLE_INSTANCE, phantomIndexOf } from './phantom.ts';
import { readStoredSegmentation } from './storedSegmentation.ts';

const WHOLE_PATH_MS = 300_000;
const COLUMNS = 512;
/** A model may go a little over the edge of its box. */
const OVER_THE_EDGE = 3;
/** Fill of the dots where somebody clicked. */
const DOTS = { inside: 'rgb(0, 150, 60)', outside: 'rgb(210, 30, 30)' } as const;

describeViewer('boxes and brushes', (open, { server }) => {
  it(
    '[ED1] a box in the axial plane of a reformatted volume finds the organ in that one acquired slice',
    async () => {
      const ada = await open('medsam?hangingProtocolId=mpr');
      await ada.enter('Dr. Ada');
      const middle = await ada.pointOf(0, [256, 256, 0]);
      const shown = phantomIndexOf((await ada.voxelAt(0, middle)).sopInstanceUid);
      const [x0, y0, x1, y1] = boxAround('kidneyLeft', shown);
      await ada.hotkey('b', middle);
      await ada.drag(await ada.pointOf(0, [x0, y0, 0]), await ada.pointOf(0, [x1, y1, 0]));
      await ada.voxelsOf(1, (count) => count > 100);
      const found = await ada.pixelsByInstance(1);
      expect([...found.keys()].map(phantomIndexOf)).toEqual([shown]);
      expect(diceIn(shown, [...found.values()].flat(), 'kidneyLeft')).toBeGreaterThan(0.6);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[ED2] a box in the sagittal and in the coronal plane makes a mask within it, near one end of the volume and not the other',
    async () => {
      const ada = await open('medsam?hangingProtocolId=mpr');
      await ada.enter('Dr. Ada');
      for (const [viewport, at] of [
        [1, [256, 330, 14]],
        [2, [330, 256, 14]],
      ] as const) {
        const number = await ada.addSegment();
        const [x, y] = await ada.pointOf(viewport, at);
        await ada.hotkey('b', [x, y]);
        // The first press in a viewport only makes it the active one, as with every tool of the viewer.
        await ada.page.mouse.click(x, y);
        await ada.drag([x - 40, y - 30], [x + 40, y + 30]);
        await ada.voxelsOf(number, (count) => count > 0);
        // The panel counts slices as the viewer does in the corner of the viewport.
        const counted = await ada.page.getByRole('slider', { name: 'Slice in view' }).getAttribute('aria-valuenow');
        const pane = ada.page.locator('[data-cy="viewport-pane"]').nth(viewport);
        await pane.getByText(new RegExp(`(^|\\D)${String(counted)}/512\\)?$`)).waitFor();
        const corners = [await ada.voxelAt(viewport, [x - 40, y - 30]), await ada.voxelAt(viewport, [x + 40, y + 30])];
        const limits = (of: (corner: (typeof corners)[number]) => number) => [
          Math.min(...corners.map(of)) - OVER_THE_EDGE,
          Math.max(...corners.map(of)) + OVER_THE_EDGE,
        ];
        const [i0, i1] = limits(({ i }) => i) as [number, number];
        const [j0, j1] = limits(({ j }) => j) as [number, number];
        const [k0, k1] = limits(({ sopInstanceUid }) => phantomIndexOf(sopInstanceUid)) as [number, number];
        const found = await ada.pixelsByInstance(number);
        expect(found.size).toBeGreaterThan(3);
        for (const [sop, pixels] of found) {
          expect(phantomIndexOf(sop)).toBeGreaterThanOrEqual(k0);
          expect(phantomIndexOf(sop)).toBeLessThanOrEqual(k1);
          const outside = pixels.filter((p) => {
            const [i, j] = [p % COLUMNS, Math.floor(p / COLUMNS)];
            return i < i0 || i > i1 || j < j0 || j > j1;
          });
          expect(outside).toEqual([]);
        }
      }
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[ED3] brush, eraser and scissors of OHIF change one segment, which is stored as it is seen',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const number = await ada.addSegment();
      const [x, y] = await ada.pointOf(0, [150, 250, 0]);
      await ada.hotkey('p', [x, y]);
      await ada.drag([x, y], [x + 60, y]);
      await ada.voxelsOf(number, (count) => count > 100);
      const painted = await ada.settledVoxelsOf(number);
      await ada.hotkey('e', [x, y]);
      await ada.drag([x, y], [x + 15, y]);
      await ada.voxelsOf(number, (count) => count < painted);
      const erased = await ada.settledVoxelsOf(number);
      expect(erased).toBeGreaterThan(0);
      await ada.page.locator('[data-cy="Shapes-btn"]').click();
      await ada.drag([x + 20, y - 60], [x + 60, y - 30]);
      await ada.voxelsOf(number, (count) => count > erased);
      const cut = await ada.settledVoxelsOf(number);

      await ada.press('Save');
      await ada.page.getByText(/Stored as instance 1/).waitFor();
      const stored = await readStoredSegmentation(`${server().url}/dicom-web`, PHANTOM_SERIES.studyUid);
      const mask = stored.get(number)?.get(MIDDLE_INSTANCE) ?? new Uint8Array();
      const ones = [...mask.entries()].flatMap(([at, bit]) => (bit === 1 ? [at] : []));
      expect(ones).toHaveLength(cut);
      expect(ones).toEqual((await ada.pixelsByInstance(number)).get(MIDDLE_INSTANCE));
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[ED4] a box is deleted by the key of the viewer and in the panel, its mask with it, and undo brings both back',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const number = await ada.addSegment();
      const button = ada.page.getByRole('button', { name: 'Delete box on this slice' });
      expect(await button.isDisabled()).toBe(true);
      const before = await ada.boxes();
      await ada.drawBox(boxAround('spleen', phantomIndexOf(MIDDLE_INSTANCE)));
      await ada.voxelsOf(number, (count) => count > 100);
      const drawn = await ada.settledVoxelsOf(number);
      await ada.page.keyboard.press('Backspace');
      await ada.voxelsOf(number, (count) => count === 0);
      await expect.poll(() => ada.boxes()).toBe(before);
      await ada.press('↶ Undo');
      await ada.voxelsOf(number, (count) => count === drawn);
      await expect.poll(() => ada.boxes()).toBe(before + 1);

      await ada.tabTo(button);
      await ada.page.keyboard.press('Enter');
      await ada.voxelsOf(number, (count) => count === 0);
      await expect.poll(() => ada.boxes()).toBe(before);
      expect(await button.isDisabled()).toBe(true);
      await ada.press('↶ Undo');
      await ada.voxelsOf(number, (count) => count === drawn);
      await expect.poll(() => ada.boxes()).toBe(before + 1);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[ED5] undo takes back what was done last, a length or a mask, and never a step of before instead',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const number = await ada.addSegment();
      await ada.page.getByRole('radio', { name: `Work on Segment ${String(number)}` }).check();
      await ada.drawBox(boxAround('spleen', MIDDLE));
      await ada.voxelsOf(number, (count) => count > 100);
      const yesterdays = await ada.settledVoxelsOf(number);
      await ada.page.reload();
      await ada.connected();
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.voxelsOf(number, (count) => count === yesterdays);

      const over = await ada.pointOf(0, [256, 100, 0]);
      const undo = () => ada.hotkey('Control+z', over);
      const lengths = (count: number) => ada.until(async () => (await ada.annotations('Length')) === count);
      const measure = async () => {
        await ada.takeTool('Length');
        await ada.drag(over, [over[0] + 50, over[1] + 20]);
        await lengths(1);
      };
      const segment = async () => {
        // With focus and pointer on the segment just chosen, hotkeys are the viewer's too.
        await ada.page.getByRole('radio', { name: `Work on Segment ${String(number)}` }).click();
        await ada.page.keyboard.press('b');
        const [x0, y0, x1, y1] = boxAround('liver', MIDDLE);
        await ada.drag(await ada.pointOf(0, [x0, y0, 0]), await ada.pointOf(0, [x1, y1, 0]));
        return ada.voxelsOf(number, (count) => count > yesterdays + 100);
      };

      await measure();
      await undo();
      await lengths(0);
      expect((await ada.voxels())[number]).toBe(yesterdays);

      await segment();
      const both = await ada.settledVoxelsOf(number);
      await measure();
      await undo();
      await lengths(0);
      expect((await ada.voxels())[number]).toBe(both);
      await undo();
      await ada.voxelsOf(number, (count) => count === yesterdays);

      await measure();
      await segment();
      await ada.settledVoxelsOf(number);
      await undo();
      await ada.voxelsOf(number, (count) => count === yesterdays);
      expect(await ada.annotations('Length')).toBe(1);
      await undo();
      await lengths(0);
      await ada.hotkey('Control+y', over);
      await lengths(1);
      await ada.hotkey('Control+y', over);
      await ada.voxelsOf(number, (count) => count === both);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[ED6] a click adds to the mask of a box what it misses, another takes away what is too much, and undo brings each back',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const number = await ada.addSegment();
      const truth = encodeRuns(phantomLabels(MIDDLE).map((label) => Number(label === PHANTOM_LABELS.kidneyRight)));
      const mask = async () => {
        const pixels = (await ada.pixelsByInstance(number)).get(MIDDLE_INSTANCE) ?? [];
        return { pixels, dice: diceIn(MIDDLE, pixels, 'kidneyRight') };
      };
      const other = async (count: number) => {
        await ada.voxelsOf(number, (now) => now !== count);
        return ada.settledVoxelsOf(number);
      };
      /** Where a person would click who sees the mask. */
      const fault = async () => {
        const seen = new Uint8Array(COLUMNS * COLUMNS);
        for (const at of (await mask()).pixels) seen[at] = 1;
        const { inside, outside } = correctingClick(encodeRuns(seen), truth, { columns: COLUMNS, rows: COLUMNS })!;
        const [x, y] = (inside[0] ?? outside[0])!;
        return { isMissed: inside.length > 0, at: await ada.pointOf(0, [x, y, 0]) };
      };
      const dots = (kind: keyof typeof DOTS) => ada.page.locator(`svg.svg-layer circle[fill="${DOTS[kind]}"]`).count();
      const button = (name: string) => ada.page.locator(`[data-cy="${name}"]`);

      // Of the kidney, the upper part only.
      const [x0, y0, x1, y1] = boxAround('kidneyRight', MIDDLE);
      await ada.drawBox([x0, y0, x1, Math.round(y0 + 0.6 * (y1 - y0))]);
      const drawn = await other(0);
      const before = await mask();
      const missed = await fault();
      expect(missed.isMissed).toBe(true);
      await button('MedsamAddToMask').click();
      await ada.page.mouse.click(...missed.at);
      const added = await other(drawn);
      const mended = await mask();
      expect(mended.dice).toBeGreaterThan(before.dice + 0.2);
      await expect.poll(() => dots('inside')).toBe(1);

      await ada.press('↶ Undo');
      await ada.voxelsOf(number, (count) => count === drawn);
      await expect.poll(() => dots('inside')).toBe(0);
      expect(await mask()).toEqual(before);
      await ada.press('↷ Redo');
      await ada.voxelsOf(number, (count) => count === added);

      // Beside the kidney, where the box reaches and the mask does not.
      const aside = await ada.pointOf(0, [x0 + 2, y0 + 2, 0]);
      await ada.hotkey('Shift+M', aside);
      await ada.page.mouse.click(...aside);
      await expect.poll(() => dots('outside')).toBe(1);
      await ada.settledVoxelsOf(number);
      expect((await mask()).dice).toBeGreaterThan(before.dice + 0.2);
      // They are of that slice, and of nobody else's concern.
      const bob = await open('medsam');
      await bob.enter('Dr. Bob');
      await bob.showInstance(MIDDLE_INSTANCE, 1);
      await bob.until(async () => (await bob.boxes()) > 0);
      expect(await bob.page.locator('svg.svg-layer circle').count()).toBe(0);
      await bob.close();
      await ada.page.keyboard.press('ArrowDown');
      await expect.poll(() => dots('outside')).toBe(0);
      await ada.page.mouse.click(...aside);
      await ada.page.getByText('No box here').waitFor();

      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );
});
