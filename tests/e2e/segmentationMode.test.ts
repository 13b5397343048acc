import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Shared } from './cornerstoneOnPage.ts';
import { describeViewer, goOnOnlyAfterSuccess } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';

const WHOLE_PATH_MS = 300_000;
const CONFIGURED = "['@ohif-medsam/extension.customizationModule.segmentation']";
const PANEL_BEHIND =
  "['@ohif-medsam/extension.customizationModule.segmentation', { rightPanels: { $apply: (t) => t.toReversed() } }]";

/** Serves the viewer's configuration with the tabs of the side panel the other way round: ours is not the one in front. */
const withPanelBehind = (page: Page) =>
  page.route('**/app-config.js', async (route) => {
    const response = await route.fetch();
    const config = await response.text();
    if (!config.includes(CONFIGURED)) throw new Error('the configuration of the segmentation mode has changed');
    await route.fulfill({ response, body: config.replace(CONFIGURED, PANEL_BEHIND) });
  });

describeViewer("OHIF's own segmentation mode, with MedSAM by configuration", (open) => {
  goOnOnlyAfterSuccess();

  it(
    '[SM1] a box becomes a mask, and the panel stays in view beside the tools of OHIF',
    async () => {
      const ada = await open('segmentation');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.page.getByRole('button', { name: 'MedSAM box' }).hover();
      await ada.page
        .getByText(/draw a box around a structure to segment it/)
        .first()
        .waitFor();
      await ada.drawBox(boxAround('kidneyLeft', MIDDLE));
      await ada.voxelsOf(1, (count) => count > 100);
      await ada.page.getByText(/Last box/).waitFor();
      await ada.page.getByRole('button', { name: 'Brush' }).first().waitFor();
      expect(await ada.page.getByRole('region', { name: 'MedSAM' }).isVisible()).toBe(true);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[SM2] with the panel behind another tab, the first box asks for the name, and later ones become masks',
    async () => {
      const ada = await open('segmentation', withPanelBehind);
      await ada.imageShown();
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const panel = ada.page.getByRole('region', { name: 'MedSAM' });
      expect(await panel.count()).toBe(0);
      await ada.drawBox(boxAround('spleen', MIDDLE));
      await ada.page.getByText('Who are you?').waitFor();
      await ada.enter('Dr. Ada');
      await ada.drawBox(boxAround('spleen', MIDDLE));
      await ada.page.getByText(/Last box/).waitFor();
      const before = await ada.settledVoxelsOf(1);

      await ada.page.reload();
      await ada.imageShown();
      await ada.voxelsOf(1, (count) => count === before);
      expect(await panel.count()).toBe(0);
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.drawBox(boxAround('liver', MIDDLE));
      await ada.voxelsOf(1, (count) => count > before + 100);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[SM3] segments that are added, renamed, coloured, hidden and deleted by OHIF’s own means are those of the document',
    async () => {
      const ada = await open('segmentation');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.voxelsOf(1, (count) => count > 0);
      const over = await ada.pointOf(0, [120, 250, 0]);
      await ada.hotkey('a', over);
      await ada.row('Segment 2').waitFor();
      await ada.hotkey('p', over);
      await ada.drag(over, [over[0] + 60, over[1]]);
      await ada.voxelsOf(2, (count) => count > 100);
      const painted = await ada.settledVoxelsOf(2);

      const eye = ada.page.locator('[data-cy="all-segments-visibility-toggle-Labelmap"]');
      await eye.click();
      await ada.voxelsOf(2, (count) => count === 0);
      await ada.press('Add Segment');
      await ada.row('Segment 3').waitFor();
      await ada.row('Segment 2').getByRole('button', { name: 'Show Segment 2' }).waitFor();
      expect(await ada.settledVoxelsOf(2)).toBe(0);
      await eye.click();
      await ada.voxelsOf(2, (count) => count === painted);

      const stock = ada.page.locator('[data-cy="data-row"]').filter({ hasText: 'Segment 3' });
      await stock.getByRole('button', { name: 'Actions' }).click();
      await ada.page.getByRole('menuitem', { name: /Rename/ }).click();
      await ada.page.getByRole('dialog').getByLabel('Name').fill('Rib');
      await ada.page.getByRole('dialog').getByLabel('Colour').fill('#102030');
      await ada.page.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
      await ada.row('Rib').waitFor();
      expect(await ada.page.getByLabel('Colour of Rib').inputValue()).toBe('#102030');
      const rib = ada.page.locator('[data-cy="data-row"]').filter({ hasText: 'Rib' });
      await rib.getByRole('button', { name: 'Hide' }).click();
      await ada.row('Rib').getByRole('button', { name: 'Show Rib' }).waitFor();
      await rib.getByRole('button', { name: 'Actions' }).click();
      await ada.page.getByRole('menuitem', { name: /Delete/ }).click();
      await ada.row('Rib').waitFor({ state: 'detached' });

      await ada.page.locator('[data-cy="segmentation-collapsed-more-btn-Labelmap"]').click();
      await ada.page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
      await ada.page.getByText('Delete its segments in the MedSAM panel').waitFor();
      await ada.page.locator('[data-cy="segmentation-collapsed-more-btn-Labelmap"]').click();
      await ada.page.getByRole('menuitem', { name: 'Export' }).click();
      await ada.page.getByRole('menuitem', { name: 'DICOM SEG' }).click();
      await ada.page.getByText('Press Save in the MedSAM panel').waitFor();
      expect(await ada.page.getByText('Store Segmentation').count()).toBe(0);
      await ada.page.getByRole('menuitem', { name: 'Export' }).click();
      await ada.page.getByRole('menuitem', { name: 'DICOM RTSS' }).click();
      await ada.page.getByText('Store Segmentation').waitFor();
      await ada.page.getByRole('button', { name: 'Save' }).last().click();
      await ada.page.getByText('RTSTRUCT').waitFor();
      expect(await ada.settledVoxelsOf(2)).toBe(painted);

      await ada.page.reload();
      await ada.connected();
      await ada.voxelsOf(2, (count) => count === painted);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[SM4] the segment in use, chosen again in the panel, gets the brush back from another segmentation',
    async () => {
      const ada = await open('segmentation');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const label = `Segment ${String(await ada.addSegment())}`;
      const segmentations = () =>
        ada.page.evaluate(
          () => (window as unknown as Shared)['@cornerstonejs/tools'].segmentation.state.getSegmentations().length,
        );
      await ada.page.locator('[data-cy="segmentation-collapsed-more-btn-Labelmap"]').click();
      const before = await segmentations();
      await ada.page.getByRole('menuitem', { name: 'Create New Segmentation' }).click();
      await ada.until(async () => (await segmentations()) > before);

      await ada.row(label).getByText('empty').waitFor();
      await ada.row(label).getByRole('radio').click();
      const over = await ada.pointOf(0, [120, 250, 0]);
      await ada.hotkey('p', over);
      await ada.drag(over, [over[0] + 60, over[1]]);
      await ada.row(label).getByText('1 slice').waitFor();
      await ada.close();
    },
    WHOLE_PATH_MS,
  );
});
