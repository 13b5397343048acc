import type { SessionState } from '../session/state.ts';
import { ModelChooser } from './ModelChooser.tsx';
import type { PanelProps } from './props.ts';

const GOOD = '#4ecb7b';
const BUSY = '#ffcf70';
const BAD = '#ff8a7a';

function statusOf(state: SessionState): { color: string; text: string; remedy?: string } {
  const { connection, series, refusal } = state;
  if (refusal) return { color: BAD, text: refusal.message, remedy: refusal.remedy };
  switch (connection.kind) {
    case 'unnamed':
      return { color: BUSY, text: 'Not connected yet' };
    case 'connecting':
      return series
        ? { color: BUSY, text: 'Connecting to the MedSAM server …' }
        : { color: BUSY, text: 'Choose a series with images' };
    case 'online':
      return { color: GOOD, text: 'Connected' };
    case 'refused':
      return { color: BAD, text: connection.problem.message, remedy: connection.problem.remedy };
  }
}

/** Connection, and which model answers on what. */
export function Status({ state, actions, onRetry }: PanelProps & { readonly onRetry: () => void }) {
  const { color, text, remedy } = statusOf(state);
  return (
    <section className="ms-column">
      <div className="ms-row">
        <span className="ms-dot" style={{ background: color }} aria-hidden="true" />
        <span className="ms-grow" role="status">
          {text}
          {remedy !== undefined && <div className="ms-warning">{remedy}</div>}
        </span>
        {remedy !== undefined && (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {state.connection.kind === 'online' && state.document && state.prepared !== null && (
          <span
            className="ms-quiet ms-number"
            title="Slices whose pixels the server has: there a box is answered at once"
          >
            {state.prepared} of {state.frames.length} slices ready
          </span>
        )}
      </div>
      <ModelChooser state={state} actions={actions} />
    </section>
  );
}
