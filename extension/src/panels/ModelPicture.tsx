import type { ModelView } from '@ohif-medsam/protocol';
import { useEffect, useRef, useState } from 'react';
import { lastBoxIn } from '../session/lastBox.ts';
import { windowInWords } from '../session/windows.ts';
import type { PanelProps } from './props.ts';

const SIZE_PIXELS = 240;
const BOX_COLOR = '#ffc83c';
/** While slices fly by, no picture is asked for. */
const REST_MS = 250;

function draw(
  canvas: HTMLCanvasElement,
  { columns, rows, components, pixels }: ModelView,
  box: ReturnType<typeof lastBoxIn>,
): void {
  canvas.width = columns;
  canvas.height = rows;
  const values = new Uint8Array(pixels);
  const picture = new ImageData(columns, rows);
  for (let p = 0; p < columns * rows; p++) {
    for (let c = 0; c < 3; c++) picture.data[p * 4 + c] = values[p * components + (components === 3 ? c : 0)] ?? 0;
    picture.data[p * 4 + 3] = 255;
  }
  const context = canvas.getContext('2d');
  context?.putImageData(picture, 0, 0);
  if (!context || !box) return;
  context.strokeStyle = BOX_COLOR;
  context.strokeRect(...box);
}

/**
 * A small picture of the slice as the model sees it, kept current while it is unfolded. A model gets the region around a box
 * and not the whole slice, so the last box is drawn in.
 */
export function ModelPicture({ state, actions }: PanelProps) {
  const { plane, window, modelView, connection, document, frames } = state;
  const [open, setOpen] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { look } = actions;
  const boxed = modelView && lastBoxIn(state, modelView.columns);
  useEffect(() => {
    if (!open || connection.kind !== 'online') return undefined;
    const timer = setTimeout(() => void look(SIZE_PIXELS), REST_MS);
    return () => clearTimeout(timer);
  }, [open, plane, window, connection, look]);
  useEffect(() => {
    if (!canvas.current) return;
    if (modelView) draw(canvas.current, modelView, lastBoxIn({ plane, document, frames }, modelView.columns));
    // Nothing rather than another slice: there is no picture of oblique planes, and asking for one can fail.
    else canvas.current.getContext('2d')?.clearRect(0, 0, canvas.current.width, canvas.current.height);
  }, [modelView, open, plane, document, frames]);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} style={{ padding: 0 }}>
      <summary>What the model sees</summary>
      {open && <canvas ref={canvas} role="img" aria-label="The current slice as the model sees it" />}
      {open && modelView?.window && <div className="ms-quiet ms-number">{windowInWords(modelView.window)}</div>}
      {open && boxed && <div className="ms-quiet">The model looks at the last box, drawn here, and around it.</div>}
    </details>
  );
}
