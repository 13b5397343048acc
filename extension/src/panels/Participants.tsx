import type { Plane } from '@ohif-medsam/protocol';
import { sliceNumbers } from '../session/sliceNumber.ts';
import type { SessionState } from '../session/state.ts';
import { css, type PanelProps } from './props.ts';

type Participant = SessionState['participants'][number];

function whereIs({ at }: Participant, total: number, numberOf: (plane: Plane) => number): string {
  const plane = at?.plane;
  if (!plane) return '';
  const number = String(numberOf(plane));
  if (plane.axis !== 'k') return `across ${plane.axis === 'i' ? 'columns' : 'rows'}, ${number}`;
  return `slice ${number} of ${String(total)}`;
}

/** Who else is on this series, where, and following them. */
export function Participants({ state, actions }: PanelProps) {
  const { participants, me, following, series } = state;
  const others = participants.filter(({ id }) => id !== me?.id);
  if (others.length === 0) return null;
  const [total, numberOf] = [series?.frames.length ?? 0, sliceNumbers(state)];
  return (
    <section aria-label="People on this series">
      <ul>
        {others.map((participant) => {
          const { connectionId, id, name, color } = participant;
          const followed = following === id;
          return (
            <li key={connectionId} className="ms-row">
              <span className="ms-dot" style={{ background: css(color) }} aria-hidden="true" />
              <span className="ms-grow">
                {name} <span className="ms-quiet ms-number">{whereIs(participant, total, numberOf)}</span>
              </span>
              <button
                type="button"
                title={followed ? `Stop following ${name}` : `Show the slice that ${name} looks at`}
                onClick={() => actions.follow(followed ? null : id)}
              >
                {followed ? 'Stop following' : 'Follow'}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
