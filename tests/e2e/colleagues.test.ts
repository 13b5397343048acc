import { phantomSopInstanceUid } from '@ohif-medsam/server/demo/phantomStudy';
import { expect, it } from 'vitest';
import { describeViewer } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';

const WHOLE_PATH_MS = 300_000;
const OTHER_INSTANCE = phantomSopInstanceUid(MIDDLE + 4);

describeViewer('something in the hand while a colleague goes on', (open) => {
  it(
    '[E15] a box and a stroke stay on the slice on which they were begun, whatever the followed colleague or the viewer shows',
    async () => {
      const [ada, bob] = [await open('medsam'), await open('medsam')];
      await ada.enter('Dr. Ada');
      await bob.enter('Dr. Bob');
      const number = await bob.addSegment();
      const follow = bob.page.getByRole('button', { name: 'Follow', exact: true });
      const whereAdaIs = bob.page.getByRole('listitem').filter({ hasText: 'Dr. Ada' });
      const adaGoesTo = async (instance: string) => {
        const before = await whereAdaIs.textContent();
        await ada.showInstance(instance, 1);
        await bob.until(async () => (await whereAdaIs.textContent()) !== before);
      };
      const bobFollows = async () => {
        await ada.showInstance(MIDDLE_INSTANCE, 1);
        await follow.click();
        await bob.until(async () => (await bob.sliceIndex()) === (await ada.sliceIndex()));
        return bob.sliceIndex();
      };
      const slices = async () => [...(await bob.pixelsByInstance(number)).keys()];
      const { mouse } = bob.page;

      const slice = await bobFollows();
      const [x0, y0, x1, y1] = boxAround('kidneyLeft', MIDDLE);
      const [from, half, whole] = [
        await bob.pointOf(0, [x0, y0, 0]),
        await bob.pointOf(0, [x1, y1 - 25, 0]),
        await bob.pointOf(0, [x1, y1, 0]),
      ];
      await bob.hotkey('b', from);
      await mouse.down();
      await mouse.move((from[0] + half[0]) / 2, (from[1] + half[1]) / 2, { steps: 4 });
      await adaGoesTo(OTHER_INSTANCE);
      await mouse.move(...half, { steps: 4 });
      await mouse.up();
      await bob.voxelsOf(number, (count) => count > 100);
      const drawn = await bob.settledVoxelsOf(number);
      expect(await slices()).toEqual([MIDDLE_INSTANCE]);
      expect(await bob.sliceIndex()).toBe(slice);
      await follow.waitFor();

      // The images run on under a handle in the hand.
      await mouse.move(...half);
      await mouse.down();
      await mouse.move(whole[0], (half[1] + whole[1]) / 2, { steps: 4 });
      await bob.showInstance(OTHER_INSTANCE, 1);
      await mouse.move(...whole, { steps: 4 });
      await mouse.up();
      await bob.voxelsOf(number, (count) => count > drawn);
      expect(await slices()).toEqual([MIDDLE_INSTANCE]);

      await bobFollows();
      const [x, y] = await bob.pointOf(0, [150, 250, 0]);
      const boxed = await bob.settledVoxelsOf(number);
      await bob.hotkey('p', [x, y]);
      await mouse.down();
      await mouse.move(x + 15, y, { steps: 4 });
      await ada.voxelsOf(number, (count) => count > boxed);
      await adaGoesTo(OTHER_INSTANCE);
      await mouse.move(x + 30, y, { steps: 4 });
      await mouse.up();
      await follow.waitFor();
      expect(await bob.sliceIndex()).toBe(slice);
      await Promise.all([ada.close(), bob.close()]);
    },
    WHOLE_PATH_MS,
  );
});
