import { longestDiameterMm, encodeRuns } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { describeViewer, goOnOnlyAfterSuccess } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';

const WHOLE_PATH_MS = 300_000;
const RECONNECTED_MS = 30_000;
const COLUMNS = 512;

describeViewer('the MedSAM panel', (open, { server, restart }) => {
  goOnOnlyAfterSuccess();

  it(
    '[PA1] everything is reached and done by keyboard: add, colour, rename, hide, propagate, save, delete',
    async () => {
      const ada = await open('medsam');
      const { page } = ada;
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.drawBox(boxAround('kidneyLeft', MIDDLE));
      await ada.voxelsOf(1, (count) => count > 100);

      await ada.tabTo(page.getByLabel('Colour of Segment 1'));
      // The browser's colour dialog is no part of the page: what it does when it closes is told to the field.
      await page.getByLabel('Colour of Segment 1').fill('#336699');
      await ada.until(async () => (await ada.row('Segment 1').getAttribute('style'))?.includes('51') ?? false);
      await ada.tabTo(page.getByLabel('Name of Segment 1'));
      await page.keyboard.press('Control+a');
      await page.keyboard.type('Left kidney');
      await page.keyboard.press('Enter');
      await ada.row('Left kidney').waitFor();
      for (const [does, then] of [
        ['Hide', 'Show'],
        ['Show', 'Hide'],
      ]) {
        await ada.tabTo(page.getByRole('button', { name: `${String(does)} Left kidney` }));
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: `${String(then)} Left kidney` }).waitFor();
      }

      await ada.tabTo(page.getByLabel('Range', { exact: true }));
      await page.keyboard.type('2.5');
      expect(await page.getByLabel('Range', { exact: true }).inputValue()).toBe('25');
      await page.keyboard.press('Backspace');
      await ada.tabTo(page.getByRole('button', { name: 'Propagate from this slice' }));
      await page.keyboard.press('Enter');
      await page.getByText('4 slices; Towards the head: the chosen range was reached').waitFor();
      // Slices are 3.75 mm apart.
      await ada.tabTo(page.getByRole('combobox', { name: 'Direction' }));
      await page.keyboard.type('Towards the f');
      await ada.tabTo(page.getByLabel('Range', { exact: true }));
      await page.keyboard.type('8');
      await ada.tabTo(page.getByRole('combobox', { name: 'Unit of the range' }));
      await page.keyboard.type('mm');
      await ada.tabTo(page.getByRole('button', { name: 'Propagate from this slice' }));
      await page.keyboard.press('Enter');
      await page.getByText('2 slices; Towards the feet: the chosen range was reached').waitFor();

      await ada.tabTo(page.getByRole('button', { name: 'Save' }));
      await page.keyboard.press('Enter');
      await page.getByText(/Stored as instance 1/).waitFor();

      await ada.tabTo(page.getByRole('button', { name: '+ Add' }));
      await page.keyboard.press('Enter');
      await ada.row('Segment 2').waitFor();
      await ada.tabTo(page.getByRole('button', { name: 'Delete Segment 2' }));
      await page.keyboard.press('Enter');
      await ada.row('Segment 2').waitFor({ state: 'detached' });
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[PA2] volume and diameter are those of the labelmap in view',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      const voxels = await ada.voxelsOf(1, (count) => count > 0);
      const [columnMm, rowMm, sliceMm] = await ada.voxelSizeMm();
      const diameters = [...(await ada.pixelsByInstance(1)).values()].map((pixels) => {
        const mask = new Uint8Array(COLUMNS * COLUMNS);
        for (const at of pixels) mask[at] = 1;
        return longestDiameterMm(encodeRuns(mask), COLUMNS, [rowMm, columnMm]);
      });
      const ml = (voxels * columnMm * rowMm * sliceMm) / 1000;
      const size = await ada
        .row('Left kidney')
        .getByTitle(/^Volume/)
        .innerText();
      expect(size).toBe(`${ml.toFixed(1)} ml · ⌀ ${Math.max(...diameters).toFixed(1)} mm · 5 slices`);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[PA3] a change is asked for with a comment, which the other person sees and resolves; reviews carry the name of then',
    async () => {
      const [ada, bob] = [await open('medsam'), await open('medsam')];
      await ada.enter('Dr. Ada');
      await bob.enter('Dr. Bob');
      await ada.row('Left kidney').getByRole('button', { name: 'Needs change' }).click();
      const comment = ada.page.getByLabel('What has to change in Left kidney');
      const ask = ada.row('Left kidney').getByRole('button', { name: 'Ask for change' });
      await comment.fill('   ');
      expect(await ask.isDisabled()).toBe(true);
      await comment.fill('the upper pole is missing');
      await ask.click();

      // Seen in the row also while it is not the one that Bob works on.
      await bob.press('+ Add');
      await bob.page.getByRole('radio', { name: /Work on Segment/ }).check();
      await bob
        .row('Left kidney')
        .getByText(/Change asked for by Dr. Ada, .*2\d\d\d.*: “the upper pole is missing”/)
        .waitFor();
      await bob.page.getByRole('radio', { name: 'Work on Left kidney' }).check();
      await bob.row('Left kidney').getByRole('button', { name: 'Resolved' }).click();
      await ada.row('Left kidney').getByText('Draft').waitFor();
      expect(await ada.page.getByText('the upper pole is missing').count()).toBe(0);

      // Somebody else at the same page: with a name and steps to undo of their own.
      await ada.page.getByText('You: Dr. Ada').waitFor();
      expect(await ada.page.getByTitle(/^Undo my last step/).isEnabled()).toBe(false);
      await bob.page.getByText('You: Dr. Bob').waitFor();
      expect(await bob.page.getByTitle(/^Undo my last step/).isEnabled()).toBe(true);
      await bob.page.getByRole('region', { name: 'You' }).getByRole('button', { name: 'Change' }).click();
      await bob.enter('Dr. Eve');
      await bob.page.getByText('You: Dr. Eve').waitFor();
      await ada.page
        .getByRole('region', { name: 'People on this series' })
        .getByText(/Dr. Eve/)
        .waitFor();
      expect(await bob.page.getByTitle(/^Undo my last step/).isEnabled()).toBe(false);
      await bob.row('Left kidney').getByRole('button', { name: 'Approve' }).click();
      await ada
        .row('Left kidney')
        .getByText(/Approved by Dr. Eve/)
        .waitFor();
      await bob.row('Left kidney').getByRole('button', { name: 'Reopen' }).click();
      await bob.row('Left kidney').getByRole('button', { name: 'Approve' }).waitFor();

      // Who comes back is who was there before, with the same steps to undo.
      await bob.page.getByRole('region', { name: 'You' }).getByRole('button', { name: 'Change' }).click();
      await bob.enter('Dr. Bob');
      await bob.page.getByText('You: Dr. Bob').waitFor();
      await bob.until(() => bob.page.getByTitle(/^Undo my last step/).isEnabled());
      await Promise.all([ada.close(), bob.close()]);
    },
    WHOLE_PATH_MS,
  );

  it(
    '[PA4] the window of the model: by name, one of one’s own from there, negative too; and the box stands in the picture',
    async () => {
      const ada = await open('medsam');
      const { page } = ada;
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const chooser = page.getByRole('combobox', { name: 'Window' });
      expect(await chooser.locator('option:checked').innerText()).toBe('Automatic: Abdomen, by anatomy');
      await chooser.selectOption({ label: 'Lung (1500 / -600 HU)' });
      await chooser.selectOption({ label: 'Own level and width' });
      const level = page.getByRole('textbox', { name: 'Level' });
      expect(await level.inputValue()).toBe('-600');
      await level.fill('');
      await level.pressSequentially('-500');
      await page.keyboard.press('Enter');
      expect(await level.inputValue()).toBe('-500');

      await page.getByText('What the model sees').click();
      await page.getByText('Custom, width 1500, level -500').waitFor();
      await page.getByText(/looks at the last box/).waitFor();
      const picture = page.getByRole('img', { name: /as the model sees it/ });
      const look = () =>
        picture.evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
          let [yellow, drawn] = [0, 0];
          for (let at = 0; at < data.length; at += 4) {
            if ((data[at] ?? 0) > (data[at + 2] ?? 0) + 50) yellow++;
            if ((data[at + 3] ?? 0) > 0) drawn++;
          }
          return { yellow, drawn };
        });
      expect((await look()).yellow).toBeGreaterThan(50);

      // Nobody can say how the model sees the next slice: that of before is not shown for it.
      await server().kill();
      await page.getByText('Connected', { exact: true }).waitFor({ state: 'detached' });
      await ada.hotkey('ArrowDown', await ada.pointOf(0, [256, 256, 0]));
      await expect.poll(async () => (await look()).drawn).toBe(0);
      await restart();
      await ada.connected();
      await expect.poll(async () => (await look()).drawn, { timeout: RECONNECTED_MS }).toBeGreaterThan(0);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[PA5] what the server refused is asked for once more by a button: the connection, then the series',
    async () => {
      const busy = (message: string) => ({ code: 'engine-busy', message, remedy: 'Try again in a few seconds.' });
      /** What of the server's packets becomes a refusal, once. */
      const refusals = [
        { of: /^40/, refused: () => `44${JSON.stringify({ message: 'refused', data: busy('No room for pages.') })}` },
        {
          of: /^43\d+\[.*"defaultModelId"/,
          refused: (packet: string) =>
            (/^\d+/.exec(packet)?.[0] ?? '') + JSON.stringify([{ ok: false, error: busy('No room for series.') }]),
        },
      ];
      const ada = await open('medsam', (page) =>
        page.routeWebSocket(/socket\.io/, (socket) =>
          socket.connectToServer().onMessage((packet) => {
            const [next] = refusals;
            if (typeof packet !== 'string' || !next?.of.test(packet)) return socket.send(packet);
            refusals.shift();
            return socket.send(next.refused(packet));
          }),
        ),
      );
      await ada.page.getByLabel(/Your name/).fill('Dr. Ada');
      await ada.page.keyboard.press('Enter');
      const status = ada.page.getByRole('region', { name: 'MedSAM' }).getByRole('status').first();
      await status.getByText(/No room for pages/).waitFor();
      await ada.press('Try again');
      await status.getByText(/No room for series/).waitFor();
      await ada.press('Try again');
      await ada.connected();
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[PA6] everybody sees where the work is stored, and whether it was changed since',
    async () => {
      const [ada, bob] = [await open('medsam'), await open('medsam')];
      await ada.enter('Dr. Ada');
      await bob.enter('Dr. Bob');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.press('+ Add');
      await ada.drawBox(boxAround('spleen', MIDDLE));
      await ada.page.getByText(/Last box/).waitFor();
      await ada.press('Save');
      const told = await ada.page.getByText(/Stored as instance \d+: \d+ frames/).innerText();
      const number = /\d+/.exec(told)?.[0] ?? '';
      await bob.page.getByText(`Stored as instance ${number}.`, { exact: true }).waitFor();
      await bob.page.getByText(`#${number}, `).waitFor({ state: 'attached' });
      await bob.press('+ Add');
      await bob.page.getByText(`Stored as instance ${number}. Changed since.`).waitFor();
      await ada.page.getByText(/Changed since/).waitFor();
      await Promise.all([ada.close(), bob.close()]);
    },
    WHOLE_PATH_MS,
  );
});
