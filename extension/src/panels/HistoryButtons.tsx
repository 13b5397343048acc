import type { PanelProps } from './props.ts';

/** One's own steps only: what others did is theirs to take back. */
export function HistoryButtons({ state: { document, me }, actions }: PanelProps) {
  const depth = document?.history[me?.id ?? ''];
  return (
    <section className="ms-row" aria-label="History">
      <button
        type="button"
        className="ms-grow"
        disabled={!depth?.undo}
        title="Undo my last step (Ctrl+Z)"
        onClick={() => void actions.undo()}
      >
        ↶ Undo
      </button>
      <button
        type="button"
        className="ms-grow"
        disabled={!depth?.redo}
        title="Redo (Ctrl+Shift+Z)"
        onClick={() => void actions.redo()}
      >
        ↷ Redo
      </button>
    </section>
  );
}
