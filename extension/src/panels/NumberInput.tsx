import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly value: number;
  /** What it has to be larger than. */
  readonly above?: number;
  readonly onChange: (value: number) => void;
}

/** Takes a number over when the field is left or Enter pressed: while it is typed, "-" and "" are no numbers yet. */
export function NumberInput({ label, value, above = -Infinity, onChange }: Props) {
  const [text, setText] = useState<string>();
  const take = () => {
    const typed = Number(text);
    setText(undefined);
    if (text?.trim() && Number.isFinite(typed) && typed > above && typed !== value) onChange(typed);
  };
  return (
    <label className="ms-field">
      {label}
      <input
        className="ms-short"
        inputMode="decimal"
        value={text ?? String(value)}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
          if (event.key === 'Escape') setText(undefined);
        }}
      />
    </label>
  );
}
