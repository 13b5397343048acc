import type { PropagationEnded, PropagationStart, StopReason } from '@ohif-medsam/protocol';
import { useState } from 'react';
import type { PanelProps } from './props.ts';

const REASONS: Record<StopReason, string> = {
  'object-ended': 'the structure ended',
  'object-lost': 'the structure was lost',
  reach: 'the chosen range was reached',
  'series-end': 'the series ended',
  'slice-missing': 'pixels did not arrive',
  cancelled: 'cancelled',
  failed: 'failed',
};

function outcomeOf({ planes, forward, backward }: PropagationEnded): string {
  const parts = [forward && `upwards ${REASONS[forward]}`, backward && `downwards ${REASONS[backward]}`].filter(
    Boolean,
  );
  return `${String(planes)} ${planes === 1 ? 'slice' : 'slices'}; ${parts.join(', ')}.`;
}

/** Carries the active segment's mask from the slice in view to its neighbours. */
export function Propagate({ state, actions }: PanelProps) {
  const [direction, setDirection] = useState<PropagationStart['direction']>('both');
  const [reach, setReach] = useState('');
  const { activeSegmentId, plane, propagations, document } = state;
  const segment = document?.segments.find(({ id }) => id === activeSegmentId);
  const propagation = segment && propagations.get(segment.id);
  const running = propagation?.kind === 'running' ? propagation.progress : undefined;
  const ready = segment && segment.review.status !== 'approved' && plane;
  return (
    <section aria-label="Propagate" className="ms-column">
      <h2>Propagate {segment ? `“${segment.label}”` : ''}</h2>
      <div className="ms-row">
        <select
          aria-label="Direction"
          className="ms-grow"
          value={direction}
          onChange={(event) => setDirection(event.target.value as PropagationStart['direction'])}
        >
          <option value="both">Both directions</option>
          <option value="forward">Upwards</option>
          <option value="backward">Downwards</option>
        </select>
        <label className="ms-field" title="At most so many slices each way; empty for as far as the structure goes">
          Range
          <input
            type="number"
            min={1}
            placeholder="all"
            value={reach}
            onChange={(event) => setReach(event.target.value)}
          />
        </label>
      </div>
      {running ? (
        <>
          <progress aria-label="Propagation" value={running.done} max={running.total} />
          <div className="ms-row ms-spread">
            <span className="ms-number" role="status">
              {running.done} of at most {running.total} slices
            </span>
            <button type="button" onClick={() => void actions.cancelPropagation(running.propagationId)}>
              Cancel
            </button>
          </div>
        </>
      ) : (
        <button
          type="button"
          className="ms-primary"
          disabled={!ready}
          onClick={() =>
            ready && void actions.propagate(segment.id, plane, direction, Number(reach) > 0 ? Number(reach) : undefined)
          }
        >
          Propagate from this slice
        </button>
      )}
      {propagation?.kind === 'ended' && (
        <div className="ms-quiet" role="status">
          {outcomeOf(propagation.ended)}
        </div>
      )}
    </section>
  );
}
