import { useState } from 'react';
import type { Me } from '../session/state.ts';
import { NameForm } from './NameForm.tsx';
import { css } from './props.ts';

/** The name that others see, and handing the page over to somebody else. */
export function You({ me, onEnter }: { me: Me | null; onEnter: (name: string) => void }) {
  const [changing, setChanging] = useState(false);
  if (me === null) return <NameForm onEnter={onEnter} />;
  if (changing)
    return (
      <NameForm
        onEnter={(name) => {
          setChanging(false);
          onEnter(name);
        }}
        onCancel={() => setChanging(false)}
      />
    );
  return (
    <section className="ms-row" aria-label="You">
      <span className="ms-dot" style={{ background: css(me.color) }} aria-hidden="true" />
      <span className="ms-grow">You: {me.name}</span>
      <button type="button" title="Somebody else works on this page now" onClick={() => setChanging(true)}>
        Change
      </button>
    </section>
  );
}
