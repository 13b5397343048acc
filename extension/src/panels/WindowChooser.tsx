import { CT_WINDOWS, ctWindowFor } from '@ohif-medsam/protocol';
import { windowInWords } from '../session/windows.ts';
import { ModelPicture } from './ModelPicture.tsx';
import { NumberInput } from './NumberInput.tsx';
import type { PanelProps } from './props.ts';

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
          onChange={(event) => {
            const { value: id } = event.target;
            if (id === 'auto') actions.chooseWindow({ kind: 'auto' });
            else if (id === 'level') void actions.chooseOwnWindow();
            else actions.chooseWindow({ kind: 'preset', id });
          }}
        >
          <option value="auto">
            {isCt ? `Automatic: ${ctWindowFor(series.bodyPart).label}, by anatomy` : 'Automatic: by each slice'}
          </option>
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
          <NumberInput
            label="Level"
            value={window.center}
            onChange={(center) => actions.chooseWindow({ ...window, center })}
          />
          <NumberInput
            label="Width"
            value={window.width}
            above={0}
            onChange={(width) => actions.chooseWindow({ ...window, width })}
          />
        </div>
      )}
      {used && <div className="ms-quiet ms-number">Last box: {windowInWords(used)}</div>}
      <ModelPicture state={state} actions={actions} />
    </section>
  );
}
