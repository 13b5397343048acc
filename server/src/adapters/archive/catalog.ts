import type { DicomJson, InstanceName } from '../../ports/archive.ts';
import { numberOf, textOf } from '../../ports/dicomJson.ts';
import { pickLevel, type Level } from './attributes.ts';
import { matches, type Query } from './matching.ts';

interface SeriesEntry {
  readonly attributes: DicomJson;
  readonly instances: Map<string, DicomJson>;
}
interface StudyEntry {
  readonly attributes: DicomJson;
  readonly series: Map<string, SeriesEntry>;
}

export interface Scope {
  readonly studyUid?: string | undefined;
  readonly seriesUid?: string | undefined;
}

const newStudy = (header: DicomJson): StudyEntry => ({ attributes: pickLevel(header, 'study'), series: new Map() });
const newSeries = (header: DicomJson): SeriesEntry => ({
  attributes: pickLevel(header, 'series'),
  instances: new Map(),
});

/** What is in the archive, in memory: searchable attributes only, rebuilt from the files at start. */
export class Catalog {
  readonly #studies = new Map<string, StudyEntry>();
  readonly #names = new Map<string, InstanceName>();

  /** @param header - With AvailableTransferSyntaxUID; its UIDs are those of the name. */
  add(name: InstanceName, header: DicomJson): void {
    const study = this.#studies.get(name.studyUid) ?? newStudy(header);
    const series = study.series.get(name.seriesUid) ?? newSeries(header);
    this.#studies.set(name.studyUid, study);
    study.series.set(name.seriesUid, series);
    series.instances.set(name.sopInstanceUid, pickLevel(header, 'instance'));
    this.#names.set(name.sopInstanceUid, name);
  }

  /** Where an instance is, if the archive has it. SOP Instance UIDs are unique across studies. */
  find(sopInstanceUid: string): InstanceName | undefined {
    return this.#names.get(sopInstanceUid);
  }

  /** Names of all instances of a study or series, by series and instance number. */
  names({ studyUid, seriesUid }: { studyUid: string; seriesUid?: string | undefined }): InstanceName[] {
    const series = [...(this.#studies.get(studyUid)?.series ?? [])].filter(
      ([uid]) => seriesUid === undefined || uid === seriesUid,
    );
    return series.flatMap(([uid, entry]) =>
      byNumber([...entry.instances], '00200013').map(([sopInstanceUid]) => ({
        studyUid,
        seriesUid: uid,
        sopInstanceUid,
      })),
    );
  }

  /** QIDO-RS: rows with the attributes of the level and of the levels above it. */
  search(level: Level, scope: Scope, query: Query): DicomJson[] {
    const rows = [...this.#rows(level, scope)].filter((row) => matches(row, query));
    return rows.slice(query.offset, query.offset + query.limit);
  }

  *#rows(level: Level, { studyUid, seriesUid }: Scope): Generator<DicomJson> {
    const newestFirst = [...this.#studies].sort(([, a], [, b]) => studyMoment(b).localeCompare(studyMoment(a)));
    for (const [uid, study] of newestFirst) {
      if (studyUid !== undefined && uid !== studyUid) continue;
      const studyRow = withCounts(study);
      if (level === 'study') yield studyRow;
      else yield* seriesRows(level, study, studyRow, seriesUid);
    }
  }
}

function* seriesRows(level: Level, study: StudyEntry, studyRow: DicomJson, seriesUid?: string): Generator<DicomJson> {
  const series = [...study.series].map(([uid, entry]): [string, DicomJson, SeriesEntry] => [
    uid,
    entry.attributes,
    entry,
  ]);
  for (const [uid, attributes, { instances }] of byNumber(series, '00200011')) {
    if (seriesUid !== undefined && uid !== seriesUid) continue;
    const seriesRow = { ...studyRow, ...attributes, '00201209': { vr: 'IS', Value: [instances.size] } };
    if (level === 'series') yield seriesRow;
    else for (const [, instance] of byNumber([...instances], '00200013')) yield { ...seriesRow, ...instance };
  }
}

function withCounts({ attributes, series }: StudyEntry): DicomJson {
  const all = [...series.values()];
  const instances = all.flatMap((entry) => [...entry.instances.values()]);
  const distinct = (headers: readonly DicomJson[], tag: string) => [
    ...new Set(headers.flatMap((header) => textOf(header, tag) ?? [])),
  ];
  return {
    ...attributes,
    '00080061': {
      vr: 'CS',
      Value: distinct(
        all.map((entry) => entry.attributes),
        '00080060',
      ),
    },
    '00080062': { vr: 'UI', Value: distinct(instances, '00080016') },
    '00201206': { vr: 'IS', Value: [all.length] },
    '00201208': { vr: 'IS', Value: [instances.length] },
  };
}

const studyMoment = ({ attributes }: StudyEntry): string =>
  `${textOf(attributes, '00080020') ?? ''}${textOf(attributes, '00080030') ?? ''}`;

/** Sorted by a number; entries without it stay at the end, in their order. */
const byNumber = <T extends readonly [string, DicomJson, ...unknown[]]>(entries: T[], tag: string): T[] =>
  entries.sort(([, a], [, b]) => (numberOf(a, tag) ?? Infinity) - (numberOf(b, tag) ?? Infinity) || 0);
