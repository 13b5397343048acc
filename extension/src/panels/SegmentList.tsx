import type { DocumentView } from '../session/documentView.ts';
import type { PanelProps } from './props.ts';
import { SegmentRow } from './SegmentRow.tsx';

export function SegmentList({ state, actions, document }: PanelProps & { document: DocumentView }) {
  return (
    <section aria-label="Segments">
      <div className="ms-row ms-spread">
        <h2>Segments</h2>
        <button type="button" onClick={() => void actions.addSegment()}>
          + Add
        </button>
      </div>
      {document.segments.length === 0 && (
        <p className="ms-quiet">Choose the MedSAM box tool (B) and draw a box around a structure.</p>
      )}
      <div role="radiogroup" aria-label="Segment that boxes and brush work on">
        <ul>
          {document.segments.map((segment) => (
            <SegmentRow key={segment.id} segment={segment} state={state} actions={actions} document={document} />
          ))}
        </ul>
      </div>
    </section>
  );
}
