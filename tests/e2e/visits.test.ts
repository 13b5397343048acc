import { expect, it } from 'vitest';
import { describeViewer } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';

const WHOLE_PATH_MS = 300_000;

describeViewer('visits to reformats and to the study list', (open) => {
  it(
    '[E8] a mask is propagated through sagittal reformats until the structure ends',
    async () => {
      const ada = await open('medsam?hangingProtocolId=mpr');
      await ada.enter('Dr. Ada');
      await ada.press('+ Add');
      const total = async () => Object.values(await ada.voxels()).reduce((sum, count) => sum + count, 0);
      const before = await total();
      // The left lobe of the liver as the sagittal plane in the middle of the image shows it.
      const [left, top] = await ada.pointOf(1, [256, 142, 57]);
      const [right, bottom] = await ada.pointOf(1, [256, 258, 37]);
      await ada.hotkey('b', [left, top]);
      await ada.page.mouse.click(left, top - 200);
      await ada.drag([left - 3, top - 3], [right + 3, bottom + 3]);
      await ada.until(async () => (await total()) > before);
      const drawn = (await total()) - before;
      await ada.press('Propagate from this slice');
      const outcome = await ada.page.getByText(/\d+ slices;/).textContent();
      expect(outcome).not.toMatch(/did not arrive|failed/);
      // More than the server asks for at once.
      expect(Number(/\d+/.exec(outcome ?? '')?.[0])).toBeGreaterThan(12);
      await ada.until(async () => (await total()) - before > 5 * drawn);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[E9] back to the study list and into the mode again: every box is there, and once',
    async () => {
      const ada = await open('');
      const study = () => ada.page.getByText('Phantom, Torso').first();
      const intoMode = async () => {
        await study().click();
        await ada.page.getByText('MedSAM', { exact: true }).first().click();
      };
      await intoMode();
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const standing = await ada.boxes();
      await ada.press('+ Add');
      await ada.drawBox(boxAround('spleen', MIDDLE));
      await ada.page.getByText(/Last box/).waitFor();
      await ada.until(async () => (await ada.boxes()) === standing + 1);
      await ada.page.goBack();
      await study().waitFor();
      await intoMode();
      await ada.connected();
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.until(async () => (await ada.boxes()) > 0);
      await ada.page
        .getByText(/Segment \d/)
        .first()
        .waitFor();
      expect(await ada.boxes()).toBe(standing + 1);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );
});
