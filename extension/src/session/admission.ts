import { modelToAccept } from './models.ts';
import type { Notices } from './ports.ts';
import type { Store } from './store.ts';

/** What can be asked of a model now; of what cannot, the user is told why. */
export function createAdmission({ store, notices }: { readonly store: Store; readonly notices: Notices }) {
  /**
   * @param begunFor - The segment in use when the box was begun, if there was one: it is for none that came into its place.
   * @returns Whether a box can be taken; if not, says why.
   */
  function mayPrompt(begunFor: string | null): boolean {
    const { document, refusal } = store.getState();
    if (document && begunFor !== null && !document.segments.some(({ id }) => id === begunFor)) {
      notices.info(
        'Box not taken over',
        'Its segment went while you drew. See in the MedSAM panel which one is in use now, and draw again.',
      );
      return false;
    }
    if (document) return mayUseModel();
    if (refusal) notices.error('MedSAM could not segment', refusal);
    else
      notices.info('Not yet', 'The series is not open yet. Draw the box again when the MedSAM panel says "Connected".');
    return false;
  }

  /** @returns Whether the chosen model may be used; if its terms are not accepted yet, says so. */
  function mayUseModel(): boolean {
    const model = modelToAccept(store.getState());
    if (model)
      notices.info(
        `Terms of ${model.title}`,
        'Read and accept them in the MedSAM panel, or choose another model there.',
      );
    return model === undefined;
  }

  return { mayPrompt, mayUseModel };
}
