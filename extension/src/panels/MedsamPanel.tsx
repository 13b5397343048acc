import type { KeyboardEvent } from 'react';
import type { Session } from '../session/session.ts';
import { HistoryButtons } from './HistoryButtons.tsx';
import styles from './panel.css?inline';
import { Participants } from './Participants.tsx';
import { Propagate } from './Propagate.tsx';
import { Save } from './Save.tsx';
import { SegmentList } from './SegmentList.tsx';
import { SliceStrip } from './SliceStrip.tsx';
import { Status } from './Status.tsx';
import { useSession } from './useSession.ts';
import { WindowChooser } from './WindowChooser.tsx';
import { You } from './You.tsx';

/** Keys that operate the control they are pressed on. */
const CONTROL_KEYS = new Set(['Enter', ' ', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End']);

/** OHIF binds some of these to commands of its own and takes them from the button in focus; other hotkeys go on to it. */
const keepControlKeys = (event: KeyboardEvent) => {
  if (CONTROL_KEYS.has(event.key)) event.stopPropagation();
};

export function MedsamPanel({ session }: { session: Session }) {
  const state = useSession(session);
  const { actions } = session;
  return (
    <div className="medsam ms-panel" role="region" aria-label="MedSAM" onKeyDown={keepControlKeys}>
      <style>{styles}</style>
      <Status state={state} actions={actions} onRetry={session.retry} />
      <You me={state.me} onEnter={session.enter} />
      {state.document && (
        <>
          <Participants state={state} actions={actions} />
          <HistoryButtons state={state} actions={actions} />
          <SegmentList state={state} actions={actions} document={state.document} />
          <WindowChooser state={state} actions={actions} />
          <Propagate state={state} actions={actions} />
          <SliceStrip state={state} actions={actions} />
          <Save state={state} actions={actions} />
        </>
      )}
    </div>
  );
}
