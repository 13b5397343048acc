import {
  frameKeyOf,
  type Plane,
  type PropagationEnded,
  type PropagationStart,
  type SeriesFrame,
  type StopReason,
} from '@ohif-medsam/protocol';
import { useState } from 'react';
import { directionsOf, type Directions } from '../session/directions.ts';
import type { PanelProps } from './props.ts';

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

function outcomeOf(
  { planes, forward, backward, reached }: PropagationEnded,
  ways: Directions,
  frames: readonly SeriesFrame[],
): string {
  const after = (plane: Plane | null | undefined) => (plane ? ` after slice ${String(numberOf(plane, frames))}` : '');
  const parts = [
    forward && `${ways.forward}: ${REASONS[forward]}${after(reached?.forward)}`,
    backward && `${ways.backward}: ${REASONS[backward]}${after(reached?.backward)}`,
  ].filter(Boolean);
  return `${String(planes)} ${planes === 1 ? 'slice' : 'slices'}; ${parts.join(', ')}.`;
}

/** As viewers count them: from 1. */
const numberOf = (plane: Plane, frames: readonly SeriesFrame[]): number =>
  1 + (plane.axis === 'k' ? frames.findIndex((frame) => frameKeyOf(frame) === plane.frame) : plane.index);

/** Carries the active segment's mask from the slice in view to its neighbours. */
export function Propagate({ state, actions }: PanelProps) {
  const [direction, setDirection] = useState<PropagationStart['direction']>('both');
  const [reach, setReach] = useState('');
  // By segment: the plane in view may be another one when the outcome comes.
  const [started, setStarted] = useState<ReadonlyMap<string, Plane>>(new Map());
  const { activeSegmentId, plane, propagations, document, frames } = state;
  const segment = document?.segments.find(({ id }) => id === activeSegmentId);
  const propagation = segment && propagations.get(segment.id);
  const running = propagation?.kind === 'running' ? propagation.progress : undefined;
  const ways = plane && directionsOf(plane, frames);
  const reached = propagation?.kind === 'ended' ? propagation.ended.reached : undefined;
  const from = reached?.forward ?? reached?.backward ?? (segment && started.get(segment.id));
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
          <option value="forward">{ways?.forward}</option>
          <option value="backward">{ways?.backward}</option>
        </select>
        <label className="ms-field" title="At most so many slices each way; empty for as far as the structure goes">
          Range
          <input
            className="ms-short"
            inputMode="numeric"
            maxLength={4}
            placeholder="all"
            value={reach}
            onChange={(event) => setReach(event.target.value.replace(/\D/g, '').replace(/^0+/, ''))}
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
          onClick={() => {
            if (!ready) return;
            setStarted(new Map(started).set(segment.id, plane));
            void actions.propagate(segment.id, plane, direction, reach === '' ? undefined : Number(reach));
          }}
        >
          Propagate from this slice
        </button>
      )}
      {propagation?.kind === 'ended' && (
        <div className="ms-quiet" role="status">
          {outcomeOf(propagation.ended, from ? directionsOf(from, frames) : TWO_WAYS, frames)}{' '}
          {propagation.ended.error && `${propagation.ended.error.message} ${propagation.ended.error.remedy}`}
        </div>
      )}
    </section>
  );
}
