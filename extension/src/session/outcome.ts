import type { Plane, PropagationEnded, StopReason } from '@ohif-medsam/protocol';
import type { Directions } from './directions.ts';

const REASONS: Record<StopReason, string> = {
  'object-ended': 'the structure ended',
  'object-lost': 'the structure was lost',
  anchor: 'a slice that somebody marked or corrected comes next',
  reach: 'the chosen range was reached',
  'series-end': 'the series ended',
  'slice-missing': 'pixels did not arrive',
  cancelled: 'cancelled',
  failed: 'failed',
  interrupted: 'the server was restarted',
};

/** Where nobody has told from which plane, a propagation of somebody else's has just two ways. */
const TWO_WAYS: Directions = { forward: 'One way', backward: 'the other way' };

/**
 * How a propagation ended, in words.
 * @param numberOf - Of slices, as the viewer counts them; only where the series is in view.
 */
export function outcomeOf(
  { planes, forward, backward, reached, error }: PropagationEnded,
  ways: Directions = TWO_WAYS,
  numberOf?: (plane: Plane) => number,
): string {
  const after = (plane: Plane | null | undefined) =>
    plane && numberOf ? ` after slice ${String(numberOf(plane))}` : '';
  const parts = [
    forward && `${ways.forward}: ${REASONS[forward]}${after(reached?.forward)}`,
    backward && `${ways.backward}: ${REASONS[backward]}${after(reached?.backward)}`,
  ].filter(Boolean);
  const counted = `${String(planes)} ${planes === 1 ? 'slice' : 'slices'}; ${parts.join('; ')}.`;
  return error ? `${counted} ${error.message} ${error.remedy}` : counted;
}
