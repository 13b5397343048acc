import { useState } from 'react';

interface Props {
  readonly onEnter: (name: string) => void;
  /** Where somebody has a name already and may keep it. */
  readonly onCancel?: () => void;
}

/** Asked once per browser: others see the name beside the boxes, and reviews are signed with it. */
export function NameForm({ onEnter, onCancel }: Props) {
  const [name, setName] = useState('');
  return (
    <section>
      <form
        className="ms-column"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') onEnter(name.trim());
        }}
      >
        <label htmlFor="medsam-name">Your name, as colleagues on the same series will see it</label>
        <div className="ms-row">
          <input
            id="medsam-name"
            className="ms-grow"
            value={name}
            maxLength={64}
            autoComplete="name"
            required
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="ms-primary">
            Start
          </button>
          {onCancel && (
            <button type="button" onClick={onCancel}>
              Cancel
            </button>
          )}
        </div>
      </form>
    </section>
  );
}
