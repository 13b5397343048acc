import {
  COMMON_TYPES,
  searchCodes,
  searchRegions,
  type Code,
  type Coding,
  type Color,
  type SegmentType,
} from '@ohif-medsam/protocol';
import { useId, useState } from 'react';
import { meaningOf, withRegion, withType } from '../session/coding.ts';

interface Props {
  readonly coding: Coding;
  readonly disabled: boolean;
  readonly onChoose: (coding: Coding, type?: { readonly meaning: string; readonly color: Color }) => void;
}

const RESULTS = 12;
/** What the segment shows and where in the body, in SNOMED CT. */
export function CodeChooser({ coding, disabled, onChoose }: Props) {
  const { type, region } = coding;
  const chooseType = (chosen: SegmentType) => onChoose(withType(coding, chosen), chosen);
  return (
    <details style={{ padding: 0, background: 'none' }}>
      <summary>{meaningOf(coding)}</summary>
      <fieldset className="ms-column" disabled={disabled}>
        <div className="ms-row">
          {COMMON_TYPES.map((common) => (
            <button
              key={common.value}
              type="button"
              aria-pressed={common.value === type.value}
              onClick={() => chooseType(common)}
            >
              {common.meaning}
            </button>
          ))}
        </div>
        <Search label="What it is" search={searchCodes} onChoose={chooseType} />
        <Search
          label="Where it is"
          search={searchRegions}
          onChoose={(chosen) => onChoose(withRegion(coding, chosen))}
        />
        {region && (
          <button type="button" onClick={() => onChoose(withRegion(coding, undefined))}>
            No region
          </button>
        )}
      </fieldset>
    </details>
  );
}

interface SearchProps<C extends Code> {
  readonly label: string;
  readonly search: (text: string, limit: number) => readonly C[];
  readonly onChoose: (code: C) => void;
}

function Search<C extends Code>({ label, search, onChoose }: SearchProps<C>) {
  const [text, setText] = useState('');
  const id = useId();
  const found = text.trim() === '' ? [] : search(text, RESULTS);
  const choose = (code: C) => {
    setText('');
    onChoose(code);
  };
  return (
    <div>
      <label className="ms-field" htmlFor={id}>
        {label}
        <input
          id={id}
          className="ms-grow"
          type="search"
          placeholder="Search SNOMED CT"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && found[0]) choose(found[0]);
          }}
        />
      </label>
      <ul className="ms-codes" aria-label={`${label}: found`}>
        {found.map((code) => (
          <li key={code.value}>
            <button type="button" title={`${code.scheme} ${code.value}`} onClick={() => choose(code)}>
              {code.meaning}
            </button>
          </li>
        ))}
      </ul>
      {text.trim() !== '' && found.length === 0 && <div className="ms-quiet">Nothing found</div>}
    </div>
  );
}
