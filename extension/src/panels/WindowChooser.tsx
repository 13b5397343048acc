import { CT_WINDOWS, type WindowChoice } from '@ohif-medsam/protocol';
import { ModelPicture } from './ModelPicture.tsx';
import type { PanelProps } from './props.ts';

/** Where a window of one's own starts: soft tissue for CT, something to change from for others. */
const OWN = { kind: 'level', center: 40, width: 400 } as const;

function choiceOf(value: string): WindowChoice {
  if (value === 'auto') return { kind: 'auto' };
  return value === 'level' ? OWN : { kind: 'preset', id: value };
}

/** The window through which the model sees the slice: it decides over the mask, so nobody should have to guess it. */
export function WindowChooser({ state, actions }: PanelProps) {
  const { window, series, answer } = state;
  const isCt = series?.modality === 'CT';
  const value = window.kind === 'preset' ? window.id : window.kind;
  const used = answer?.window;
  return (
    <section aria-label="Window of the model" className="ms-column">
      <label className="ms-field">
        Window
        <select
          className="ms-grow"
          value={value}
          onChange={(event) => actions.chooseWindow(choiceOf(event.target.value))}
        >
          <option value="auto">{isCt ? 'Automatic (by anatomy)' : 'Automatic'}</option>
          {isCt &&
            CT_WINDOWS.map(({ id, label, center, width }) => (
              <option key={id} value={id}>
                {label} ({width} / {center} HU)
              </option>
            ))}
          <option value="level">Own level and width</option>
        </select>
      </label>
      {window.kind === 'level' && (
        <div className="ms-row">
          <label className="ms-field">
            Level
            <input
              type="number"
              value={window.center}
              onChange={(event) => actions.chooseWindow({ ...window, center: event.target.valueAsNumber || 0 })}
            />
          </label>
          <label className="ms-field">
            Width
            <input
              type="number"
              min={1}
              value={window.width}
              onChange={(event) =>
                actions.chooseWindow({ ...window, width: Math.max(1, event.target.valueAsNumber || 1) })
              }
            />
          </label>
        </div>
      )}
      {used && (
        <div className="ms-quiet ms-number">
          Last box: {used.label}, width {Math.round(used.width)}, level {Math.round(used.center)}
        </div>
      )}
      <ModelPicture state={state} actions={actions} />
    </section>
  );
}
