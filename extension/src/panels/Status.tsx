import type { SessionState } from '../session/state.ts';
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
export function Status({ state, actions }: PanelProps) {
  const { color, text, remedy } = statusOf(state);
  const model = state.models.find(({ id }) => id === state.modelId);
  return (
    <section className="ms-column">
      <div className="ms-row" role="status">
        <span className="ms-dot" style={{ background: color }} aria-hidden="true" />
        <span>{text}</span>
      </div>
      {remedy !== undefined && <div className="ms-warning">{remedy}</div>}
      {model && (
        <div className="ms-row ms-spread">
          {state.models.length > 1 ? (
            <label className="ms-field ms-grow">
              Model
              <select
                className="ms-grow"
                value={model.id}
                onChange={(event) => actions.chooseModel(event.target.value)}
              >
                {state.models.map(({ id, title, version }) => (
                  <option key={id} value={id}>
                    {title} {version}
                  </option>
                ))}
              </select>
            </label>
          ) : (
            <span title={`Licence ${model.licence}, SHA-256 ${model.sha256}`}>
              {model.title} {model.version}
            </span>
          )}
          <span className="ms-badge" title="What the model runs on">
            {model.device}
          </span>
        </div>
      )}
    </section>
  );
}
