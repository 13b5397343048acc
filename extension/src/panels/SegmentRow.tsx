import type { Color, Segment } from '@ohif-medsam/protocol';
import { useEffect, useRef, useState } from 'react';
import { maskOf, type DocumentView } from '../session/documentView.ts';
import { measure } from '../session/measure.ts';
import { ownBoxInView } from '../session/shownBoxes.ts';
import { CodeChooser } from './CodeChooser.tsx';
import { colorOfHex, hexOf } from './colors.ts';
import { Icon } from './Icon.tsx';
import { css, type PanelProps } from './props.ts';
import { ReviewForm } from './ReviewForm.tsx';
import { ReviewNote } from './ReviewNote.tsx';

type RowProps = PanelProps & { readonly segment: Segment; readonly document: DocumentView };

const STATUS = { draft: 'Draft', 'needs-change': 'Needs change', approved: 'Approved' } as const;

const DEFAULT_LABEL = /^Segment \d+$/;

export function SegmentRow({ segment, state, actions, document }: RowProps) {
  const { id, label, color, coding, review } = segment;
  const active = state.activeSegmentId === id;
  const approved = review.status === 'approved';
  const visible = !state.hidden.has(id);
  const box = active ? ownBoxInView(state) : undefined;
  return (
    <li className="ms-segment ms-column" data-active={active} style={{ borderLeftColor: css(color) }}>
      <div className="ms-row">
        <input
          type="radio"
          name="medsam-segment"
          // OHIF's hotkeys pass every input over that has not this class; letters are nothing to a radio button.
          className="mousetrap"
          aria-label={`Work on ${label}`}
          checked={active}
          onChange={() => actions.activate(id)}
          // Chosen again it is no change; but it is to have the brush, which another segmentation may have now.
          onClick={() => active && actions.activate(id)}
        />
        <ColorInput
          color={color}
          label={label}
          disabled={approved}
          onChange={(value) => void actions.updateSegment(id, { color: value })}
        />
        <NameInput
          label={label}
          disabled={approved}
          onChange={(value) => void actions.updateSegment(id, { label: value })}
        />
        <button
          type="button"
          className="ms-plain"
          aria-label={`${visible ? 'Hide' : 'Show'} ${label}`}
          title={visible ? 'Hide' : 'Show'}
          onClick={() => actions.setVisible([id], !visible)}
        >
          <Icon name={visible ? 'visible' : 'hidden'} />
        </button>
        <button
          type="button"
          className="ms-plain"
          disabled={approved}
          aria-label={`Delete ${label}`}
          title={approved ? 'Approved: reopen it first' : 'Delete'}
          onClick={() => void actions.deleteSegment(id)}
        >
          <Icon name="delete" />
        </button>
      </div>
      <div className="ms-row ms-spread">
        <Size segment={segment} state={state} document={document} />
        <span className="ms-badge" data-status={review.status}>
          {STATUS[review.status]}
        </span>
      </div>
      <ReviewNote review={review} />
      {active && (
        <>
          <CodeChooser
            coding={coding}
            disabled={approved}
            onChoose={(chosen, type) => {
              // Who has not named it yet gets name and colour with the type.
              const unnamed = type && DEFAULT_LABEL.test(label) ? { label: type.meaning, color: type.color } : {};
              void actions.updateSegment(id, { coding: chosen, ...unnamed });
            }}
          />
          <div className="ms-row">
            <button
              type="button"
              disabled={!box}
              title={box ? 'Its mask goes with it' : 'No box of yours is shown here'}
              onClick={() => box && void actions.deletePrompt(box.id)}
            >
              Delete box on this slice
            </button>
          </div>
          <ReviewForm segment={segment} actions={actions} />
        </>
      )}
    </li>
  );
}

function Size({ segment, state, document }: Omit<RowProps, 'actions'>) {
  const { volumeMl, diameterMm, frames } = measure(maskOf(document, segment.id), state.frames);
  if (frames === 0) return <span className="ms-quiet">empty</span>;
  const parts = [
    volumeMl === undefined ? undefined : `${volumeMl.toFixed(volumeMl < 10 ? 2 : 1)} ml`,
    diameterMm === undefined ? undefined : `⌀ ${diameterMm.toFixed(1)} mm`,
    `${String(frames)} ${frames === 1 ? 'slice' : 'slices'}`,
  ];
  return (
    <span className="ms-quiet ms-number" title="Volume; longest diameter in one slice; slices that are not empty">
      {parts.filter((part) => part !== undefined).join(' · ')}
    </span>
  );
}

/** Names are taken over when the field is left or Enter pressed, not with every letter: each is a step for everybody. */
function NameInput({
  label,
  disabled,
  onChange,
}: {
  label: string;
  disabled: boolean;
  onChange: (label: string) => void;
}) {
  const [edited, setEdited] = useState<string>();
  const take = () => {
    const value = edited?.trim() ?? '';
    setEdited(undefined);
    if (value !== '' && value !== label) onChange(value);
  };
  return (
    <input
      className="ms-grow"
      aria-label={`Name of ${label}`}
      value={edited ?? label}
      maxLength={64}
      disabled={disabled}
      onChange={(event) => setEdited(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setEdited(undefined);
      }}
    />
  );
}

/** The browser's colour dialog reports every colour that the pointer passes as input, and the one it closes with as change. */
function ColorInput({
  color,
  label,
  disabled,
  onChange,
}: {
  color: Color;
  label: string;
  disabled: boolean;
  onChange: (color: Color) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [edited, setEdited] = useState<string>();
  // React's onChange is the browser's input event: only the native one says that a colour was chosen.
  useEffect(() => {
    const input = field.current;
    const take = () => {
      setEdited(undefined);
      if (input && input.value !== hexOf(color)) onChange(colorOfHex(input.value));
    };
    input?.addEventListener('change', take);
    return () => input?.removeEventListener('change', take);
  }, [color, onChange]);
  return (
    <input
      ref={field}
      type="color"
      aria-label={`Colour of ${label}`}
      value={edited ?? hexOf(color)}
      disabled={disabled}
      onChange={(event) => setEdited(event.target.value)}
    />
  );
}
