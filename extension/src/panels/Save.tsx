import type { StoredSegmentation } from '@ohif-medsam/protocol';
import { useEffect, useRef, useState } from 'react';
import type { PanelProps } from './props.ts';

/** To the archive as DICOM-SEG, and back from there. */
export function Save({ state, actions }: PanelProps) {
  const [description, setDescription] = useState('MedSAM segmentation');
  const { saving, stored, unreadableSeries, document } = state;
  const busy = saving.kind === 'saving';
  const saved = document?.saved;
  const own = saving.kind === 'saved' && saving.answer.sopInstanceUid === saved?.sopInstanceUid && saving.answer;
  const empty = (document?.segments.length ?? 0) === 0;
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a low screen it would come below what is in view, and whoever saved would see nothing of it.
    if (saving.kind === 'saved' || saving.kind === 'failed') outcome.current?.scrollIntoView({ block: 'nearest' });
  }, [saving]);
  return (
    <section aria-label="Save" className="ms-column">
      <h2>Save to the archive</h2>
      <form
        className="ms-row"
        onSubmit={(event) => {
          event.preventDefault();
          void actions.save(description.trim());
        }}
      >
        <input
          className="ms-grow"
          aria-label="Series description"
          value={description}
          maxLength={64}
          required
          onChange={(event) => setDescription(event.target.value)}
        />
        <button type="submit" className="ms-primary" disabled={busy || empty || description.trim() === ''}>
          {busy ? 'Saving …' : saving.kind === 'failed' ? 'Save again' : 'Save'}
        </button>
      </form>
      {busy && <progress aria-label="Saving" />}
      <div role="status" ref={outcome}>
        {saved && (
          <div className="ms-quiet">
            Stored as instance {saved.instanceNumber}
            {own && `: ${String(own.frames)} frames, ${String(Math.ceil(own.bytes / 1024))} KiB`}.
            {saved.revision === document.revision ? '' : ' Changed since.'}
          </div>
        )}
        {saving.kind === 'failed' && (
          <div className="ms-warning">
            {saving.problem.message} {saving.problem.remedy}
          </div>
        )}
      </div>
      {stored.length > 0 && <Stored state={state} actions={actions} />}
      {unreadableSeries > 0 && (
        <span className="ms-warning">
          The archive holds {unreadableSeries} more segmentation series that it cannot read.
        </span>
      )}
    </section>
  );
}

function Stored({ state: { stored, opening, document }, actions }: PanelProps) {
  /** The one of which it was asked whether it shall take the place of what is there. */
  const [asked, setAsked] = useState<string>();
  const there = document?.segments.length ?? 0;
  const open = (segmentation: StoredSegmentation) => {
    const isMeant = there === 0 || asked === segmentation.sopInstanceUid;
    setAsked(isMeant ? undefined : segmentation.sopInstanceUid);
    if (isMeant) void actions.openStored(segmentation);
  };
  return (
    <details style={{ padding: 0 }}>
      <summary>
        {stored.length} stored {stored.length === 1 ? 'segmentation' : 'segmentations'} of this series
      </summary>
      <ul>
        {stored.map((segmentation) => (
          <li key={segmentation.sopInstanceUid} className="ms-column">
            <div className="ms-row">
              <span className="ms-grow">
                {segmentation.description}{' '}
                <span className="ms-quiet ms-number">
                  #{segmentation.instanceNumber}, {segmentation.segments}{' '}
                  {segmentation.segments === 1 ? 'segment' : 'segments'},{' '}
                  {segmentation.at.slice(0, 16).replace('T', ' ')}
                </span>
              </span>
              <button
                type="button"
                disabled={opening !== null}
                onClick={() => open(segmentation)}
                onBlur={() => setAsked(undefined)}
              >
                {asked === segmentation.sopInstanceUid ? 'Open instead' : 'Open'}
              </button>
            </div>
            {asked === segmentation.sopInstanceUid && (
              <div className="ms-note" role="alert">
                It takes the place of {there === 1 ? 'the segment' : `all ${String(there)} segments`} here, for
                everybody. Undo brings {there === 1 ? 'it' : 'them'} back.
              </div>
            )}
            {opening === segmentation.sopInstanceUid && <progress aria-label="Opening" />}
          </li>
        ))}
      </ul>
    </details>
  );
}
