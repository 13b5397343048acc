import type { Segment } from '@ohif-medsam/protocol';
import type { Session } from '../session/session.ts';
import type { HistoryStep } from '../session/stepOrder.ts';
import { isSegmentationId } from '../id.ts';
import type { ExtensionContext } from '../ohif.ts';
import { ownBoxes } from '../session/shownBoxes.ts';
import { SegmentDialog } from '../panels/SegmentDialog.tsx';

/** Where OHIF keeps its own commands, for modes without MedSAM and for segmentations that are not ours. */
const STOCK_CONTEXT = 'CORNERSTONE';
/** Where OHIF's writer of segmentations is, which stores and no more. */
const WRITER_CONTEXT = 'SEGMENTATION';

/** What OHIF's panel says of the segment that a command is about. */
export interface Target {
  readonly segmentationId?: string;
  readonly segmentIndex?: number;
  /** What it is exported as. */
  readonly modality?: string;
}

/**
 * OHIF's own commands for undo and for segments, which would change its labelmap on this page only: the document knew nothing
 * of a segment added so, and what is painted with it would be lost. Registered in a context of our own, which OHIF looks into
 * before its own; so its buttons, menus and hotkeys come here too. What is not the document's, as measurements are, stays with OHIF's.
 */
export function commandsModule(session: Session, { commandsManager, servicesManager: { services } }: ExtensionContext) {
  const { running, owns, selectedBoxes, actions, store, askName } = session;
  const stock = (command: string, options: object) => commandsManager.runCommand(command, options, STOCK_CONTEXT);

  const isOurs = (segmentationId: string | undefined): boolean => {
    return running() && store.getState().document !== null && isSegmentationId(segmentationId ?? '');
  };
  const segmentOf = ({ segmentationId, segmentIndex }: Target): Segment | undefined => {
    const { document } = store.getState();
    if (!document || !isOurs(segmentationId)) return undefined;
    return document.segments.find(({ id }) => document.slots.get(id) === segmentIndex);
  };

  const add = () => (store.getState().me ? actions.addSegment() : askName());
  const addNewSegment = () => {
    const { segmentationService, viewportGridService } = services;
    const shown = segmentationService.getActiveSegmentation(viewportGridService.getActiveViewportId() ?? '');
    // Where nothing is segmented yet, OHIF has nothing to add to; we have the document.
    return isOurs(shown?.segmentationId) || (running() && !shown) ? add() : stock('addNewSegment', {});
  };

  /** OHIF's command, but on a segment of the document ours. */
  const onSegment = (command: string, run: (segment: Segment) => unknown) => ({
    [command]: (target: Target) => {
      const segment = segmentOf(target);
      return segment ? run(segment) : stock(command, target);
    },
  });
  const edit = ({ id, label, color }: Segment) =>
    services.uiDialogService.show({
      id: 'medsam-segment',
      title: 'Name and colour of the segment',
      content: SegmentDialog,
      contentProps: { label, color, onSave: (change) => void actions.updateSegment(id, change) },
      shouldCloseOnEsc: true,
    });

  const tell = (title: string, message: string) =>
    services.uiNotificationService.show({ title, message, type: 'info' });
  /** OHIF's command, but on our segmentation what to do instead. */
  const instead = (command: string, title: string) => ({
    [command]: (target: Target) =>
      isOurs(target.segmentationId)
        ? tell(title, 'Delete its segments in the MedSAM panel, which can be undone; to hide one, press its eye.')
        : stock(command, target),
  });
  const { commandFn: stockStore } = commandsManager.getCommand('storeSegmentation', STOCK_CONTEXT) ?? {};

  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: whose the next one is shows once the one before is taken. */
  const inTurn = (step: HistoryStep) => {
    const take = () => (owns(step) ? actions[step]() : stock(step, {}));
    return (last = last.then(take, take));
  };
  const undo = () => inTurn('undo');
  const redo = () => inTurn('redo');
  return {
    defaultContext: 'MEDSAM',
    definitions: {
      undo,
      redo,
      medsamRedo: redo,
      addNewSegment,
      addSegment: (target: Target) => (isOurs(target.segmentationId) ? add() : stock('addSegment', target)),
      ...onSegment('deleteSegment', ({ id }) => actions.deleteSegment(id)),
      ...onSegment('editSegmentLabel', edit),
      ...onSegment('editSegmentColor', edit),
      ...onSegment('toggleSegmentVisibility', ({ id }) => actions.setVisible([id], store.getState().hidden.has(id))),
      // What hides the segmentation in one viewport would be undone by the next change of the document.
      toggleSegmentationVisibility: (target: Target) => {
        const { document, hidden } = store.getState();
        if (!document || !isOurs(target.segmentationId)) return stock('toggleSegmentationVisibility', target);
        const ids = document.segments.map(({ id }) => id);
        return actions.setVisible(
          ids,
          ids.some((id) => hidden.has(id)),
        );
      },
      // Its own lock makes OHIF's brush paint into a second labelmap, which is nobody's.
      ...onSegment('toggleSegmentLock', ({ label }) =>
        tell('Not locked', `Approve “${label}” in the MedSAM panel: then it is read-only, for everybody.`),
      ),
      // On this page only: the document would bring it back.
      ...instead('deleteSegmentation', 'Not deleted'),
      ...instead('removeSegmentationFromViewport', 'Not removed'),
      // OHIF's panel asks for it in OHIF's context.
      storeSegmentation: {
        context: STOCK_CONTEXT,
        // Its DICOM SEG would lack codes, tracking and who drew what; and it takes from the page what it has stored.
        commandFn: (target: Target) =>
          !isOurs(target.segmentationId)
            ? stockStore?.(target)
            : target.modality === 'RTSTRUCT'
              ? commandsManager.runCommand('storeSegmentation', target, WRITER_CONTEXT)
              : tell(
                  'Not exported',
                  'Press Save in the MedSAM panel: its DICOM SEG has the codes and the tracking too.',
                ),
      },
      deleteActiveAnnotation: () => {
        const selected = new Set(running() ? selectedBoxes() : []);
        for (const { id } of ownBoxes(store.getState())) if (selected.has(id)) void actions.deletePrompt(id);
        // That deletes measurements, and passes boxes over.
        return stock('deleteActiveAnnotation', {});
      },
      medsamNextLook: () => actions.lookAt('next'),
      medsamPreviousLook: () => actions.lookAt('previous'),
      setActiveSegmentAndCenter: (target: Target) => {
        const segment = segmentOf(target);
        if (segment) actions.activate(segment.id);
        return stock('setActiveSegmentAndCenter', target);
      },
    },
  };
}
