import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { directionsOf } from '../session/directions.ts';
import { stripOf, type Strip, type StripSlice } from '../session/sliceStrip.ts';
import type { PanelProps } from './props.ts';

const ORIGIN: Record<StripSlice['by'], string> = {
  box: 'a box',
  hand: 'corrected by hand',
  propagation: 'propagated',
  mask: 'a mask',
  nothing: 'no mask',
};

const DOUBT = {
  bridged: 'the shape between its neighbours, the model lost the structure here',
  disagreed: 'the shape between two corrected slices, the model saw another one',
} as const;

const LOOK = { needed: ', needs a look', taken: ', looked at', none: '' } as const;

/** Scores below this are drawn alike: the lowest bar. */
const LOWEST_SCORE = 0.2;

const heightOf = ({ provenance }: StripSlice): string => {
  const share = ((provenance?.score ?? LOWEST_SCORE) - LOWEST_SCORE) / (1 - LOWEST_SCORE);
  return `${String(Math.round(25 + 75 * Math.min(1, Math.max(0, share))))}%`;
};

function describe({ number, by, provenance, look }: StripSlice, total: number): string {
  const score = provenance?.score === undefined ? '' : `, the model is ${(provenance.score * 100).toFixed(0)} % sure`;
  const doubt = provenance?.doubt ? `, ${DOUBT[provenance.doubt]}` : '';
  return `Slice ${String(number)} of ${String(total)}: ${ORIGIN[by]}${score}${doubt}${LOOK[look]}`;
}

/** The active segment slice by slice: how its masks came to be, how sure the model was of them, and where to look first. */
export function SliceStrip({ state, actions }: PanelProps) {
  const { document, activeSegmentId, plane, frames, series, inVolume, reviewed } = state;
  const strip = useMemo(
    () => stripOf({ document, activeSegmentId, plane, frames, series, inVolume, reviewed }),
    [document, activeSegmentId, plane, frames, series, inVolume, reviewed],
  );
  if (!strip || !plane || strip.slices.length === 0) return null;
  const { forward, backward } = directionsOf(plane, frames);
  const waiting = strip.slices.filter(({ look }) => look === 'needed').length;
  return (
    <section aria-label="Slices" className="ms-column">
      <div className="ms-row ms-spread">
        <h2>Slices</h2>
        <span className="ms-quiet">
          {waiting === 0 ? 'none needs a look' : `${String(waiting)} ${waiting === 1 ? 'needs' : 'need'} a look`}
        </span>
      </div>
      <Slices strip={strip} onShow={(slice) => actions.show(slice.plane)} />
      <div className="ms-row ms-spread ms-quiet ms-ends" aria-hidden="true">
        <span>{backward}</span>
        <span>{forward}</span>
      </div>
      <div className="ms-row">
        <button
          type="button"
          className="ms-grow"
          disabled={waiting === 0}
          title="Previous slice that needs a look (Shift+X)"
          onClick={() => actions.lookAt('previous')}
        >
          ◀ Needs a look
        </button>
        <button
          type="button"
          className="ms-grow"
          disabled={waiting === 0}
          title="Next slice that needs a look (X)"
          onClick={() => actions.lookAt('next')}
        >
          Needs a look ▶
        </button>
      </div>
    </section>
  );
}

/** One control, as a slider whose value is the slice in view: hundreds of buttons would be hundreds of stops on the way through the panel. */
function Slices({ strip, onShow }: { strip: Strip; onShow: (slice: StripSlice) => void }) {
  const { slices, total } = strip;
  const [first, last] = [slices[0], slices.at(-1)];
  const at = slices.findIndex(({ isInView }) => isInView);
  const track = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [strip, bar] = [track.current, track.current?.children[at]];
    if (!strip || !bar) return;
    // `scrollIntoView` would move the panel too, under the hand of who works elsewhere in it.
    const [shown, own] = [strip.getBoundingClientRect(), bar.getBoundingClientRect()];
    strip.scrollLeft += Math.min(0, own.left - shown.left) + Math.max(0, own.right - shown.right);
  }, [at]);
  if (!first || !last) return null;
  const go = (index: number) => {
    const slice = slices[Math.min(slices.length - 1, Math.max(0, index))];
    if (slice) onShow(slice);
  };
  const onKey = (event: KeyboardEvent) => {
    const target = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      Home: 0,
      End: Infinity,
    };
    if (!(event.key in target)) return;
    event.preventDefault();
    go(target[event.key as keyof typeof target]);
  };
  const inView = slices[at];
  return (
    <div
      ref={track}
      className="ms-strip"
      role="slider"
      tabIndex={0}
      aria-label="Slice in view"
      aria-valuemin={Math.min(first.number, last.number)}
      aria-valuemax={Math.max(first.number, last.number)}
      aria-valuenow={inView?.number ?? first.number}
      aria-valuetext={inView ? describe(inView, total) : 'a slice outside of the segment'}
      onKeyDown={onKey}
    >
      {slices.map((slice, index) => (
        <div
          key={slice.number}
          className="ms-slice"
          data-by={slice.by}
          data-look={slice.look}
          data-in-view={slice.isInView}
          title={describe(slice, total)}
          onClick={() => go(index)}
        >
          <div className="ms-bar" style={{ height: slice.by === 'propagation' ? heightOf(slice) : undefined }} />
        </div>
      ))}
    </div>
  );
}
