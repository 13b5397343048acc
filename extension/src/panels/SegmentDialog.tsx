import type { Color } from '@ohif-medsam/protocol';
import { useState } from 'react';
import { colorOfHex, hexOf } from './colors.ts';
import styles from './panel.css?inline';

interface Props {
  readonly label: string;
  readonly color: Color;
  readonly onSave: (change: { label: string; color: Color }) => void;
  readonly hide: () => void;
}

/** What OHIF's own panel opens to rename or colour a segment; the MedSAM panel has the fields in its rows. */
export function SegmentDialog({ label, color, onSave, hide }: Props) {
  const [name, setName] = useState(label);
  const [hex, setHex] = useState(hexOf(color));
  return (
    <form
      className="medsam ms-dialog"
      onSubmit={(event) => {
        event.preventDefault();
        onSave({ label: name.trim(), color: colorOfHex(hex) });
        hide();
      }}
    >
      <style>{styles}</style>
      <div className="ms-row">
        <input type="color" aria-label="Colour" value={hex} onChange={(event) => setHex(event.target.value)} />
        <input
          className="ms-grow"
          aria-label="Name"
          value={name}
          maxLength={64}
          pattern=".*\S.*"
          required
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <div className="ms-row">
        <button type="submit" className="ms-primary">
          Change
        </button>
        <button type="button" onClick={hide}>
          Cancel
        </button>
      </div>
    </form>
  );
}
