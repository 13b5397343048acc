import { modelToAccept, chosenModel } from '../session/models.ts';
import type { PanelProps } from './props.ts';

/** Which model answers, on what, and under which terms: those of somebody else's model are accepted before its first use. */
export function ModelChooser({ state, actions }: PanelProps) {
  const model = chosenModel(state);
  if (!model) return null;
  const toAccept = modelToAccept(state);
  const { licence, notice } = model;
  return (
    <div className="ms-column">
      <div className="ms-row ms-spread">
        {state.models.length > 1 ? (
          <label className="ms-field ms-grow">
            Model
            <select className="ms-grow" value={model.id} onChange={(event) => actions.chooseModel(event.target.value)}>
              {state.models.map(({ id, title, version }) => (
                <option key={id} value={id}>
                  {title} {version}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span title={`SHA-256 ${model.sha256}`}>
            {model.title} {model.version}
          </span>
        )}
        <span className="ms-badge" title="What the model runs on">
          {model.device}
        </span>
      </div>
      <div className={toAccept ? 'ms-note' : 'ms-quiet'}>
        Licence {licence}.{notice === undefined ? '' : ` ${notice}`}
      </div>
      {toAccept && (
        <button type="button" onClick={() => actions.acceptTerms(toAccept)}>
          Accept these terms
        </button>
      )}
    </div>
  );
}
