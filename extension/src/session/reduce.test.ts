import type { DocumentChanged, DocumentSnapshot, Segment, SeriesFrame, SeriesOpened } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { changedFrames, maskOf, visibleMasks } from './documentView.ts';
import { missesChanges, reduce, type SessionEvent } from './reduce.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

const FRAMES: SeriesFrame[] = ['1.3', '1.2', '1.1'].map((sopInstanceUid) => ({
  sopInstanceUid,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: 4,
  columns: 5,
}));
const SERIES = { studyUid: '1.1', seriesUid: '1.9', modality: 'CT', frames: FRAMES };

const segment = (id: string, number: number): Segment => ({
  id,
  number,
  label: id,
  color: [1, 2, 3],
  coding: { category: { value: '1', scheme: 'SCT', meaning: 'a' }, type: { value: '2', scheme: 'SCT', meaning: 'b' } },
  tracking: { id, uid: '1.2' },
  algorithm: { type: 'MANUAL' },
  review: { status: 'draft' },
});

const snapshot = (over: Partial<DocumentSnapshot> = {}): DocumentSnapshot => ({
  seriesUid: SERIES.seriesUid,
  revision: 3,
  segments: [segment('liver', 1), segment('spleen', 2)],
  cells: [
    { segmentId: 'liver', frame: '1.1/1', runs: [0, 4] },
    { segmentId: 'spleen', frame: '1.2/1', runs: [6, 2] },
  ],
  prompts: [],
  provenance: [],
  saved: null,
  history: {},
  ...over,
});
const opened = (document = snapshot()): SeriesOpened => ({
  frames: ['1.1/1', '1.2/1', '1.3/1'],
  document,
  participants: [],
  pixels: 'push',
  models: [{ id: 'm', title: 'M', version: '1', device: 'CPU', sha256: '', takesPoints: true, licence: '' }],
  defaultModelId: 'm',
  propagations: [],
  interrupted: [],
});
const change = (over: Partial<DocumentChanged>): SessionEvent => ({
  kind: 'document-changed',
  change: { ...snapshot({ cells: [], revision: 4 }), by: 'b', operationId: 'o', ...over },
});

const hide = (segmentId: string): SessionEvent => ({
  kind: 'segment-visibility',
  segmentIds: [segmentId],
  visible: false,
});

const after = (...events: SessionEvent[]): SessionState => events.reduce(reduce, INITIAL_STATE);
const OPEN: SessionEvent[] = [
  { kind: 'series-shown', series: SERIES },
  { kind: 'series-opened', opened: opened() },
];

describe('session', () => {
  it('knows again, after a restart of the server, which propagation was interrupted and where', () => {
    const ended = {
      ...{ seriesUid: SERIES.seriesUid, propagationId: 'p', segmentId: 'liver', planes: 2 },
      ...({ forward: 'interrupted', backward: null } as const),
      reached: { forward: { axis: 'k', frame: '1.3/1' }, backward: null },
    } as const;
    const again: SessionEvent = { kind: 'series-opened', opened: { ...opened(), interrupted: [ended] } };
    expect(after(...OPEN, again).propagations.get('liver')).toEqual({ kind: 'ended', ended });
  });

  it('[SE1] puts the frames into the order that the server says', () =>
    expect(after(...OPEN).frames.map((f) => f.sopInstanceUid)).toEqual(['1.1', '1.2', '1.3']));

  it('[SE2] takes a change over and keeps the masks of untouched segments the same objects', () => {
    const before = after(...OPEN);
    const now = reduce(before, change({ cells: [{ segmentId: 'liver', frame: '1.3/1', runs: [1, 1] }] }));
    expect(now.document && maskOf(now.document, 'liver').get('1.3/1')).toEqual([1, 1]);
    expect(now.document?.masks.get('spleen')).toBe(before.document?.masks.get('spleen'));
    expect(before.document && maskOf(before.document, 'liver').has('1.3/1')).toBe(false);
  });

  it('[SE3] ignores a change that the snapshot of a reconnection held already', () => {
    const before = after(...OPEN);
    expect(reduce(before, change({ revision: 3, segments: [] }))).toBe(before);
  });

  it('[SE4] ignores what comes late of a series that is no longer in view', () => {
    const before = after(...OPEN, { kind: 'series-shown', series: { ...SERIES, seriesUid: '1.8' } });
    expect(reduce(before, change({}))).toBe(before);
    expect(reduce(before, { kind: 'series-opened', opened: opened() })).toBe(before);
  });

  it('[SE5] an empty mask is no mask, and a deleted segment leaves none behind', () => {
    const now = reduce(
      after(...OPEN),
      change({ segments: [segment('liver', 1)], cells: [{ segmentId: 'liver', frame: '1.1/1', runs: [] }] }),
    );
    expect(now.document && maskOf(now.document, 'liver').size).toBe(0);
    expect(now.document?.masks.has('spleen')).toBe(false);
  });

  it('[SE6] works on the newest segment until another is chosen, and never on one that is gone', () => {
    expect(after(...OPEN).activeSegmentId).toBe('spleen');
    const chosen = after(...OPEN, { kind: 'segment-activated', segmentId: 'liver' });
    expect(reduce(chosen, change({})).activeSegmentId).toBe('liver');
    expect(reduce(chosen, change({ segments: [segment('spleen', 2)] })).activeSegmentId).toBe('spleen');
  });

  it('[SE7] names the frames whose picture changed, also those that a deleted segment leaves', () => {
    const masks = (state: SessionState) => state.document?.masks ?? new Map();
    const before = after(...OPEN);
    const now = reduce(before, change({ segments: [segment('liver', 1)] }));
    expect([...changedFrames(masks(before), masks(now))]).toEqual(['1.2/1']);
    expect([...changedFrames(new Map(), masks(before))].sort()).toEqual(['1.1/1', '1.2/1']);
    const visible = before.document && visibleMasks(before.document, new Set(['liver']));
    expect([...changedFrames(masks(before), visible ?? new Map())]).toEqual(['1.1/1']);
  });

  it('[SE8] another series begins empty, but for who and which model', () => {
    const me = { id: 'i', name: 'Ada', color: [1, 2, 3] } as const;
    const now = after({ kind: 'named', me }, ...OPEN, {
      kind: 'series-shown',
      series: { ...SERIES, seriesUid: '1.8' },
    });
    expect(now).toMatchObject({ me, modelId: 'm', document: null, activeSegmentId: null, participants: [] });
  });

  it('[SE15] a series that one comes back to is as one left it', () => {
    const provenance = [
      { segmentId: 'liver', plane: { axis: 'k', frame: '1.1/1' }, by: 'propagation', score: 0.3 },
    ] as const;
    const there = snapshot({
      segments: [segment('liver', 300), segment('spleen', 301), segment('aorta', 302)],
      provenance,
    });
    const before = after(
      OPEN[0]!,
      { kind: 'series-opened', opened: opened(there) },
      change({ segments: there.segments.slice(1), provenance: [] }),
      { kind: 'segment-activated', segmentId: 'spleen' },
      hide('aorta'),
      { kind: 'window-chosen', window: { kind: 'preset', id: 'lung' } },
      { kind: 'reviewed', provenance: provenance[0] },
    );
    const away = reduce(before, { kind: 'series-shown', series: { ...SERIES, seriesUid: '1.8' } });
    expect(away).toMatchObject({ hidden: new Set(), window: { kind: 'auto' }, reviewed: new Set() });
    const back = reduce(away, { kind: 'series-shown', series: SERIES });
    expect(back.document).toBeNull();
    const again = structuredClone(snapshot({ segments: there.segments.slice(1), provenance, revision: 9 }));
    const { document, ...rest } = reduce(back, { kind: 'series-opened', opened: opened(again) });
    const { activeSegmentId, hidden, window, reviewed } = before;
    expect(rest).toMatchObject({ activeSegmentId, hidden, window, reviewed });
    expect(document?.slots).toEqual(before.document?.slots);
    expect([...(document?.provenance.values() ?? [])].every((now) => rest.reviewed.has(now))).toBe(true);
  });

  it('[SE16] keeps how one left the last eight series', () => {
    const visit = (n: number): SessionEvent[] => {
      const seriesUid = `1.9.${String(n)}`;
      return [
        { kind: 'series-shown', series: { ...SERIES, seriesUid } },
        { kind: 'series-opened', opened: opened(snapshot({ seriesUid })) },
      ];
    };
    const visited = [1, 2, 3, 1, 4, 5, 6, 7, 8, 9, 10].flatMap(visit);
    expect([...after(...visited).left.keys()]).toEqual([3, 1, 4, 5, 6, 7, 8, 9].map((n) => `1.9.${String(n)}`));
  });

  it('[SE9] notices that changes never came, and takes none over that needs them', () => {
    const before = after(...OPEN);
    const late = { ...snapshot({ cells: [], revision: 5 }), by: 'b', operationId: 'o' };
    expect([3, 4, 5].map((revision) => missesChanges(before, { ...late, revision }))).toEqual([false, false, true]);
    expect(missesChanges(before, { ...late, seriesUid: '1.8' })).toBe(false);
    expect(reduce(before, { kind: 'document-changed', change: late })).toBe(before);
  });

  it('[SE10] says why a series was refused until it is opened, another is shown, or the connection is lost', () => {
    const problem = { message: 'The images do not form one series.', remedy: 'Use one series.' };
    const refused = after(OPEN[0]!, { kind: 'series-refused', problem });
    expect(refused.refusal).toEqual(problem);
    const ends: SessionEvent[] = [
      OPEN[1]!,
      { kind: 'series-shown', series: { ...SERIES, seriesUid: '1.8' } },
      { kind: 'connection', connection: { kind: 'connecting' } },
    ];
    for (const end of ends) expect(reduce(refused, end).refusal, end.kind).toBeNull();
  });

  it('[SE11] never works on a segment that the viewer has no label for', () => {
    const segments = Array.from({ length: 255 }, (_, n) => segment(`s${String(n + 1)}`, n + 1));
    const full = after(OPEN[0]!, { kind: 'series-opened', opened: opened(snapshot({ segments, cells: [] })) });
    expect(full.activeSegmentId).toBe('s254');
    expect(reduce(full, { kind: 'segment-activated', segmentId: 's255' }).activeSegmentId).toBe('s254');
    expect(reduce(full, { kind: 'segment-activated', segmentId: 's1' }).activeSegmentId).toBe('s1');
  });

  it('[SE12] changes with where others are, and not with the echo of where oneself is', () => {
    const [ada, bob] = ['ada', 'bob'].map((id) => ({
      connectionId: `${id}'s`,
      id,
      name: id,
      color: [1, 2, 3] as const,
    }));
    const at = (x: number) => ({ at: { plane: { axis: 'i', index: 3 }, box: [0, 0, x, 9] } }) as const;
    const heard = (own: number, other: number): SessionEvent => ({
      kind: 'participants',
      seriesUid: SERIES.seriesUid,
      participants: [
        { ...ada!, ...at(own) },
        { ...bob!, ...at(other) },
      ],
    });
    const before = after(...OPEN, { kind: 'named', me: { id: 'ada', name: 'Ada', color: [1, 2, 3] } }, heard(1, 1));
    expect(reduce(before, heard(2, 1))).toBe(before);
    expect(reduce(before, heard(2, 2)).participants[1]).toMatchObject(at(2));
  });

  it('[SE13] shows what is worked on: a hidden segment that is chosen is hidden no longer', () => {
    const hidden = [hide('liver'), hide('spleen')];
    const state = after(...OPEN, ...hidden, { kind: 'segment-activated', segmentId: 'liver' });
    expect([state.activeSegmentId, state.hidden]).toEqual(['liver', new Set(['spleen'])]);
  });

  it('[SE14] has no picture of a plane but the one in view', () => {
    const view = { columns: 1, rows: 1, components: 1 as const, pixels: new Uint8Array(1), window: null };
    const seen = after(...OPEN, { kind: 'model-view', view });
    expect(seen.modelView).toBe(view);
    expect(reduce(seen, { kind: 'plane-shown', plane: null }).modelView).toBeNull();
  });
});
