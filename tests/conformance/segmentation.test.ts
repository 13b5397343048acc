import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseFrameKey } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { writePart10 } from '../../server/src/adapters/dicom/writePart10.ts';
import { buildSegmentation, type SegContent } from '../../server/src/dicomSeg/buildSegmentation.ts';
import { sourceFrames } from '../../server/src/dicomSeg/sourceFrames.ts';
import { madeSegments } from '../fixtures/madeSegments.ts';
import {
  ctSeries,
  enhancedSeries,
  localizerSeries,
  ultrasoundSeries,
  type SourceSeries,
} from '../fixtures/sourceSeries.ts';
import { complaints, describeWith, dicom3tools, python, runPython, SHARED_DATA, sharedData } from './tools.ts';

const MINUTES_MS = 300_000;

interface Case {
  readonly name: string;
  readonly series: () => Promise<SourceSeries> | SourceSeries;
  readonly segments?: number;
  /** Whether the frames have places in a Frame of Reference, and lie so regularly that they make a volume. */
  readonly spatial?: boolean;
  readonly regular?: boolean;
  /** Whether a place names one source frame. */
  readonly distinct?: boolean;
  /** Written as the second revision of another one. */
  readonly revision?: boolean;
}

/** Turned about two axes, unit length to the digits that a header has. */
const OBLIQUE = [0.866025, 0.433013, 0.25, -0.5, 0.75, 0.433013];

const CASES: Case[] = [
  { name: 'ascending', series: () => ctSeries() },
  { name: 'descending', series: () => ctSeries({ positionsMm: [10, 7.5, 5, 2.5, 0] }) },
  { name: 'shuffled', series: () => ctSeries({ positionsMm: [5, 0, 10, 2.5, 7.5] }) },
  { name: 'oblique', series: () => ctSeries({ orientation: OBLIQUE }) },
  { name: 'gaps', series: () => ctSeries({ positionsMm: [0, 2.5, 10, 12.5, 40] }), regular: false },
  { name: 'tilted', series: () => ctSeries({ tilt: 0.3 }), regular: false },
  {
    name: 'three phases at each place',
    series: () => ctSeries({ positionsMm: [0, 2.5, 0, 2.5, 0, 2.5] }),
    distinct: false,
  },
  { name: 'localizer of three directions', series: () => localizerSeries(), regular: false },
  { name: 'single slice', series: () => ctSeries({ positionsMm: [4] }) },
  { name: 'odd size', series: () => ctSeries({ rows: 23, columns: 38 }) },
  { name: 'one segment', series: () => ctSeries(), segments: 1 },
  { name: 'manual segment', series: () => ctSeries(), segments: 3 },
  { name: 'name beyond ASCII', series: () => ctSeries({ patientName: 'Müller^Žofie=山田^太郎' }) },
  { name: 'revision', series: () => ctSeries(), revision: true },
  { name: 'enhanced multi-frame', series: () => enhancedSeries() },
  {
    name: 'enhanced multi-frame, shuffled and odd',
    series: () => enhancedSeries({ rows: 23, columns: 38, positionsMm: [5, 0, 2.5] }),
  },
  { name: 'colour ultrasound clip without Frame of Reference', series: () => ultrasoundSeries(), spatial: false },
];

const EQUIPMENT = {
  manufacturer: 'OHIF-MedSAM',
  modelName: 'ohif-medsam',
  serialNumber: 'test-1',
  softwareVersion: '0.1.0',
};

const FIRST = { seriesUid: '2.25.100', sopInstanceUid: '2.25.101', instanceNumber: 1, predecessor: undefined };
const SECOND = { sopInstanceUid: '2.25.102', instanceNumber: 2 };

interface Written {
  /** The revision before, if there is one. */
  readonly first: readonly string[];
  readonly seg: string;
  readonly expected: string;
  readonly sources: string[];
}

async function write(
  folder: string,
  series: SourceSeries,
  { segments = 2, ...options }: Omit<Case, 'series'>,
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const frames = sourceFrames(series.headers);
  const { rows, columns } = frames[0] ?? { rows: 0, columns: 0 };
  const content = madeSegments(
    frames.map(({ key }) => key),
    rows,
    columns,
    segments,
  );
  const identity = {
    ...FIRST,
    description: 'Segmentierung größer',
    creator: 'Jörg',
    at: new Date('2026-03-04T05:06:07.890Z'),
  };
  const first = buildSegmentation(content, series.headers, identity, EQUIPMENT);
  const second = { ...identity, ...SECOND, predecessor: first.header, description: 'Korrigiert' };
  const { header, pixelData } = options.revision
    ? buildSegmentation(content, series.headers, second, EQUIPMENT)
    : first;
  if (options.revision) await writeFile(join(folder, 'first.dcm'), writePart10(first.header, first.pixelData));
  const seg = join(folder, 'seg.dcm');
  await writeFile(seg, writePart10(header, pixelData));
  const sources = series.files.map((_, n) => join(folder, `source${String(n)}.dcm`));
  await Promise.all(sources.map((file, n) => writeFile(file, series.files[n] ?? '')));
  const expected = join(folder, 'expected.json');
  await writeFile(expected, JSON.stringify(meaning(content, rows, columns, options)));
  return { seg, expected, sources, first: options.revision ? [join(folder, 'first.dcm')] : [] };
}

function meaning(
  { segments, cells }: SegContent,
  rows: number,
  columns: number,
  { spatial = true, distinct = spatial, regular = distinct }: Partial<Case>,
) {
  const numbers = new Map(segments.map(({ id }, at) => [id, at + 1]));
  return {
    rows,
    columns,
    distinct,
    regular,
    segments: segments.map(({ label, tracking }) => ({ label, trackingUid: tracking.uid })),
    cells: cells.map(({ segmentId, frame, runs }) => {
      const { sopInstanceUid, frameNumber } = parseFrameKey(frame);
      return [numbers.get(segmentId), sopInstanceUid, frameNumber, runs];
    }),
  };
}

const folderOf = ({ name }: Pick<Case, 'name'>): string => join(folder, name.replaceAll(' ', '-'));

function of(written: ReadonlyMap<string, Written>, name: string): Written {
  const found = written.get(name);
  if (!found) throw new Error(`${name} was not written`);
  return found;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-seg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a segmentation', () => {
  const written = new Map<string, Written>();
  beforeAll(async () => {
    for (const { series, ...options } of CASES)
      written.set(options.name, await write(folderOf(options), await series(), options));
  }, MINUTES_MS);

  describe.each(CASES)('of: $name', ({ name }) => {
    describeWith([dicom3tools], 'validators', () => {
      it('dciodvfy finds no error and no warning', async () => {
        expect(await complaints('dciodvfy', ['-new', of(written, name).seg])).toEqual([]);
      });
      it('dcentvfy finds it consistent with its source', async () => {
        const { seg, first, sources } = of(written, name);
        expect(await complaints('dcentvfy', [seg, ...first, ...sources])).toEqual([]);
      });
    });
  });

  describeReadBack(CASES, written);
});

/** highdicom takes longer to start than to read: it is started once for all cases. */
function describeReadBack(cases: readonly { readonly name: string }[], written: ReadonlyMap<string, Written>): void {
  describeWith([python], 'highdicom reads every mask back, by source and by position', () => {
    let problems: readonly (readonly string[])[];
    beforeAll(async () => {
      const tasks = cases.map(({ name }) => of(written, name)).map((one) => [one.seg, one.expected, ...one.sources]);
      const file = join(folder, 'tasks.json');
      await writeFile(file, JSON.stringify(tasks));
      problems = JSON.parse(await runPython('read_segmentation.py', [file])) as string[][];
    }, MINUTES_MS);

    it.each(cases.map(({ name }, n) => [name, n] as const))('%s', (_, n) => expect(problems[n]).toEqual([]));
  });
}

/** Every file of a folder or archive of the shared data. */
async function realSeries(name: string): Promise<SourceSeries> {
  let source = join(SHARED_DATA, 'dicom', name);
  if (name.includes('.tar')) {
    source = join(folder, name.slice(0, name.indexOf('.')));
    await mkdir(source);
    await promisify(execFile)('tar', ['xf', join(SHARED_DATA, 'dicom', name), '-C', source, '--strip-components=1']);
  }
  const names = source.endsWith('.dcm') ? [source] : (await readdir(source)).map((file) => join(source, file));
  const files = await Promise.all(names.map((file) => readFile(file)));
  return { files, headers: files.map((file) => readPart10(file).header) };
}

/**
 * De-identified files lack attributes that a segmentation has to have (type 2), keep blanks as values, or write 0 as
 * 0.000000, which the JSON of DICOMweb does not hand on.
 */
const sourceFault = (line: string): boolean =>
  /present in one instance.*=<(Patient(ID|BirthDate|Sex)|Study(Date|Time|ID)|ReferringPhysicianName)>/.test(line) ||
  /OK only If Type 2.*=<EthnicGroup>/.test(line) ||
  /equal value but different encoding/.test(line);

const REAL: (Omit<Case, 'series'> & { readonly path: string })[] = [
  { name: 'CT with gantry tilt and gaps', path: 'ct_head_ge_tilt28.tar.xz', regular: false },
  { name: 'CT phantom', path: 'ct_phantom_philips28.tar.xz' },
  { name: 'CT of TotalSegmentator', path: 'ct_totalseg_made30' },
  { name: 'enhanced MR', path: 'enhanced_mr_siemens/6_1.dcm' },
  { name: 'J2K CT', path: 'wg04/CT1_J2KI.dcm' },
  { name: 'MONOCHROME1 chest', path: 'cr_multiframe_dwv/gdcm-CR-MONO1-10-chest.dcm', spatial: false },
  { name: 'MONOCHROME1 DX', path: 'sm_highdicom/dx_image.dcm', spatial: false },
  { name: 'YBR ultrasound clip', path: 'us_pydicom/examples_ybr_color.dcm', spatial: false },
  { name: 'palette ultrasound', path: 'us_pydicom/examples_palette.dcm', spatial: false },
  { name: 'J2K colour ultrasound', path: 'us_pydicom/examples_jpeg2k.dcm', spatial: false },
  { name: 'eye fundus', path: 'op_dx_dcmjs/sample-op.dcm', spatial: false },
];

describeWith([sharedData], 'a segmentation of a real series', () => {
  const written = new Map<string, Written>();
  beforeAll(async () => {
    for (const { path, ...options } of REAL)
      written.set(options.name, await write(folderOf(options), await realSeries(path), options));
  }, MINUTES_MS);

  describe.each(REAL)('$name', ({ name }) => {
    describeWith([dicom3tools], 'validators', () => {
      it('dciodvfy finds nothing wrong that its source has not', async () => {
        const { seg, sources } = of(written, name);
        const copied = await complaints('dciodvfy', ['-new', sources[0] ?? '']);
        const own = await complaints('dciodvfy', ['-new', seg]);
        expect(own.filter((line) => !copied.includes(line))).toEqual([]);
      });
      it('dcentvfy finds it consistent with its source', async () => {
        const { seg, sources } = of(written, name);
        const among = await complaints('dcentvfy', sources);
        const own = await complaints('dcentvfy', [seg, ...sources]);
        expect(own.filter((line) => !among.includes(line) && !sourceFault(line))).toEqual([]);
      });
    });
  });

  describeReadBack(REAL, written);
});
