import { planePositionsMm, type Plane, type PropagationStart } from '@ohif-medsam/protocol';
import { useState } from 'react';
import { directionsOf } from '../session/directions.ts';
import { outcomeOf } from '../session/outcome.ts';
import { sliceNumbers } from '../session/sliceNumber.ts';
import type { PanelProps } from './props.ts';

/** At most so far each way; the unit is the field of the message. */
interface Range {
  readonly amount: string;
  readonly unit: 'reach' | 'reachMm';
}

/** Carries the active segment's mask from the slice in view to its neighbours. */
export function Propagate({ state, actions }: PanelProps) {
  const [direction, setDirection] = useState<PropagationStart['direction']>('both');
  const [range, setRange] = useState<Range>({ amount: '', unit: 'reach' });
  // By propagation: the plane in view may be another one when the outcome comes, and the segment may be carried on by somebody else.
  const [started, setStarted] = useState<ReadonlyMap<string, Plane>>(new Map());
  const { activeSegmentId, plane, propagations, document, frames } = state;
  const segment = document?.segments.find(({ id }) => id === activeSegmentId);
  const propagation = segment && propagations.get(segment.id);
  const running = propagation?.kind === 'running' ? propagation.progress : undefined;
  const ways = plane && directionsOf(plane, frames);
  const ended = propagation?.kind === 'ended' ? propagation.ended : undefined;
  const from = ended && (ended.reached?.forward ?? ended.reached?.backward ?? started.get(ended.propagationId));
  const ready = segment && segment.review.status !== 'approved' && plane;
  // Images that do not say how far apart they are can only be counted.
  const inMm = plane !== null && planePositionsMm([plane], frames)[0] !== undefined;
  const unit = inMm ? range.unit : 'reach';
  return (
    <section aria-label="Propagate" className="ms-column">
      <h2>Propagate {segment ? `“${segment.label}”` : ''}</h2>
      <select
        aria-label="Direction"
        value={direction}
        onChange={(event) => setDirection(event.target.value as PropagationStart['direction'])}
      >
        <option value="both">Both directions</option>
        <option value="forward">{ways?.forward}</option>
        <option value="backward">{ways?.backward}</option>
      </select>
      <div className="ms-field">
        <label className="ms-field" title="At most so far each way; empty for as far as the structure goes">
          Range
          <input
            className="ms-number-field"
            inputMode="numeric"
            maxLength={4}
            placeholder="all"
            value={range.amount}
            onChange={(event) => setRange({ unit, amount: event.target.value.replace(/\D/g, '').replace(/^0+/, '') })}
          />
        </label>
        <select
          aria-label="Unit of the range"
          value={unit}
          onChange={(event) => setRange({ ...range, unit: event.target.value as Range['unit'] })}
        >
          <option value="reach">slices</option>
          {inMm && <option value="reachMm">mm</option>}
        </select>
      </div>
      {running ? (
        <>
          <progress aria-label="Propagation" value={running.done} max={running.total} />
          <div className="ms-row ms-spread">
            <span className="ms-number">
              {running.done} of at most {running.total} slices{running.paused && ', paused'}
            </span>
            <span className="ms-field">
              {running.paused ? (
                <button type="button" onClick={() => void actions.resumePropagation(running.propagationId)}>
                  Resume
                </button>
              ) : (
                <button type="button" onClick={() => void actions.pausePropagation(running.propagationId)}>
                  Pause
                </button>
              )}
              <button type="button" onClick={() => void actions.cancelPropagation(running.propagationId)}>
                Cancel
              </button>
            </span>
          </div>
        </>
      ) : (
        <button
          type="button"
          className="ms-primary"
          disabled={!ready}
          onClick={() => {
            if (!ready) return;
            const limit = range.amount === '' ? {} : { [unit]: Number(range.amount) };
            void actions.propagate(segment.id, plane, direction, limit).then((id) => {
              if (id !== undefined) setStarted((before) => new Map(before).set(id, plane));
            });
          }}
        >
          Propagate from this slice
        </button>
      )}
      {ended && (
        <div className="ms-quiet" role="status">
          {outcomeOf(ended, from && directionsOf(from, frames), sliceNumbers(state))}
        </div>
      )}
    </section>
  );
}
