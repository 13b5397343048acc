import { AppError } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../ports/archive.ts';
import { ByteSink } from './byteSink.ts';
import { readFrame } from './decodeFrame.ts';
import { readPart10 } from './readPart10.ts';
import { writePart10 } from './writePart10.ts';

const [ROWS, COLUMNS] = [3, 5];
const HEADER: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
  '00080018': { vr: 'UI', Value: ['2.25.9'] },
  '00081115': { vr: 'SQ', Value: [{ '0020000E': { vr: 'UI', Value: ['2.25.4'] } }] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Secret^Name' }] },
  '00280002': { vr: 'US', Value: [1] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280010': { vr: 'US', Value: [ROWS] },
  '00280011': { vr: 'US', Value: [COLUMNS] },
  '00280100': { vr: 'US', Value: [16] },
  '00280101': { vr: 'US', Value: [12] },
  '00280103': { vr: 'US', Value: [1] },
};
const file = (more: DicomJson = {}, pixels = new Uint16Array(ROWS * COLUMNS)) =>
  writePart10({ ...HEADER, ...more }, new Uint8Array(pixels.buffer));

function errorOf(read: () => unknown): AppError {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('a damaged file', () => {
  const whole = file();

  it('is refused wherever it is cut off, without a word of the patient', async () => {
    const read = async (bytes: Uint8Array) => readFrame(readPart10(bytes), 1);
    for (let length = 0; length < whole.length; length++) {
      const error: unknown = await read(whole.subarray(0, length)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'dicom-invalid' });
      expect((error as AppError).message).not.toContain('Secret');
    }
  });

  it('never ends in anything but dicom-invalid, whatever bytes are changed', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        try {
          readPart10(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe('dicom-invalid');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says so when it is something else altogether', () => {
    expect(errorOf(() => readPart10(Buffer.from('<html>'.repeat(100)))).message).toContain('DICM');
  });
});

describe('text', () => {
  const named = (charset: string[], bytes: Uint8Array) => {
    const marker = 'QQQQQQQQQQQQQQQQ'.slice(0, bytes.length);
    const written = file({ '00080005': { vr: 'CS', Value: charset }, '00104000': { vr: 'LT', Value: [marker] } });
    written.set(bytes, Buffer.from(written).indexOf(marker));
    return readPart10(written).header['00104000']?.Value?.[0];
  };

  it.each([
    ['Latin-1', ['ISO_IR 100'], Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c), 'Müll'],
    ['Greek', ['ISO_IR 126'], Uint8Array.of(0xc4, 0xe9, 0xef, 0xed), 'Διον'],
    ['Cyrillic', ['ISO_IR 144'], Uint8Array.of(0xbb, 0xee, 0xda, 0x63), 'Люкc'],
    ['Korean by code extension', ['', 'ISO 2022 IR 149'], Uint8Array.of(0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8), '김'],
    [
      'Japanese by code extension',
      ['', 'ISO 2022 IR 87'],
      Uint8Array.of(0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x42),
      '山',
    ],
    ['Half-width katakana', ['ISO_IR 13'], Uint8Array.of(0xd4, 0xcf, 0xc0, 0xde), 'ﾔﾏﾀﾞ'],
    [
      'Half-width katakana before kanji',
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      Uint8Array.of(0xd4, 0xcf, 0xc0, 0xde, 0x3d, 0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x4a, 0x5e, 0xc0),
      'ﾔﾏﾀﾞ=山^ﾀ',
    ],
    ['GB18030', ['GB18030'], Uint8Array.of(0xcd, 0xf5), '王'],
  ])('%s becomes Unicode', (_, charset, bytes, text) => {
    expect(named(charset, bytes)).toBe(text);
  });
});

describe('an implicit file', () => {
  /** PS3.5 sections 7.1.3 and 7.5; the length is undefined where there is a delimiter. */
  function element(tag: string, value: Uint8Array, delimiter?: string): Buffer {
    const sink = new ByteSink();
    sink.tag(tag);
    sink.uint32(delimiter === undefined ? value.length : 0xffffffff);
    sink.raw(value);
    if (delimiter !== undefined) {
      sink.tag(delimiter);
      sink.uint32(0);
    }
    return sink.bytes();
  }
  const sequence = (tag: string, ...items: Uint8Array[]) => element(tag, Buffer.concat(items), 'FFFEE0DD');
  const name = (text: string) => element('00100010', Buffer.from(text));
  const stored = Uint16Array.from({ length: ROWS * COLUMNS }, (_, n) => n);

  /** The image with these private elements in its header, and something after its pixels. */
  function withPrivate(...elements: Uint8Array[]): Buffer {
    const explicit = Buffer.from(file());
    const meta = explicit.subarray(0, explicit.indexOf(Uint8Array.of(8, 0, 5, 0)));
    meta.write('\0\0', meta.indexOf('1.2.840.10008.1.2.1\0') + '1.2.840.10008.1.2'.length);
    return Buffer.concat([
      meta,
      element('00080018', Buffer.from('2.25.9')),
      element('00090010', Buffer.from('MAKER ')),
      ...elements,
      name('Top^Name'),
      ...[
        ['00280010', ROWS],
        ['00280011', COLUMNS],
        ['00280100', 16],
      ].map(([tag, number]) => element(String(tag), Buffer.from(Uint16Array.of(Number(number)).buffer))),
      element('7FE00010', Buffer.from(stored.buffer)),
    ]);
  }

  async function expectWhole(bytes: Uint8Array) {
    const part10 = readPart10(bytes);
    expect(part10.header['00100010']?.Value).toEqual([{ Alphabetic: 'Top^Name' }]);
    expect([...(await readFrame(part10, 1)).pixels]).toEqual([...stored]);
  }

  it('is read past a private sequence of undefined length with an item of known length', async () => {
    await expectWhole(withPrivate(sequence('00091001', element('FFFEE000', name('Item^One')))));
  });

  it('keeps what a private item holds after a sequence within it', async () => {
    const item = (...elements: Uint8Array[]) => element('FFFEE000', Buffer.concat(elements), 'FFFEE00D');
    const inner = sequence('00091002', item(name('Item^Inner')), item(name('Item^Second')));
    await expectWhole(withPrivate(sequence('00091001', item(inner, name('Item^Outer')), item())));
  });

  it('may end in an empty private element', async () => {
    await expectWhole(Buffer.concat([withPrivate(), element('7FE11001', Buffer.alloc(0))]));
  });
});

it('reads a file with a table of where its frames begin, and other values of 64 bits', async () => {
  // Each frame is one pixel value throughout, in RLE: 257 - 242 = 15 times the high byte, then the low one (PS3.5 annex G).
  const frame = (value: number) => {
    const header = new Uint32Array(16);
    header.set([2, 64, 66]);
    return Buffer.concat([new Uint8Array(header.buffer), Uint8Array.of(242, value >> 8, 242, value & 255)]);
  };
  const table = (...values: bigint[]) => Buffer.from(BigUint64Array.from(values).buffer).toString('base64');
  const explicit = Buffer.from(
    writePart10({
      ...HEADER,
      '0008040C': { vr: 'UV', Value: [7] },
      '00091001': { vr: 'SV', Value: [-1] },
      '00280008': { vr: 'IS', Value: [2] },
      '7FE00001': { vr: 'OV', InlineBinary: table(0n, 76n) },
      '7FE00002': { vr: 'OV', InlineBinary: table(68n, 68n) },
    }),
  );
  explicit.write('1.2.840.10008.1.2.5', explicit.indexOf('1.2.840.10008.1.2.1\0'));
  // Pixel data of undefined length with an empty Basic Offset Table (PS3.5 annex A.4).
  const pixels = new ByteSink();
  pixels.tag('7FE00010');
  pixels.raw(Buffer.from('OB\0\0\xff\xff\xff\xff', 'latin1'));
  for (const fragment of [Buffer.alloc(0), frame(258), frame(1027)]) {
    pixels.tag('FFFEE000');
    pixels.uint32(fragment.length);
    pixels.raw(fragment);
  }
  pixels.tag('FFFEE0DD');
  pixels.uint32(0);
  const part10 = readPart10(Buffer.concat([explicit, pixels.bytes()]));
  expect(part10.header['0008040C']).toEqual({ vr: 'UV', Value: [7] });
  expect(part10.header['00100010']?.Value).toEqual(HEADER['00100010']?.Value);
  expect(part10.header['7FE00001']).toEqual({ vr: 'OV', InlineBinary: table(0n, 76n) });
  expect(new Set((await readFrame(part10, 1)).pixels)).toEqual(new Set([258]));
  expect(new Set((await readFrame(part10, 2)).pixels)).toEqual(new Set([1027]));
});

describe('pixels', () => {
  it('are sign-extended from BitsStored; bits above, and slope and intercept, stay out of them', async () => {
    const stored = Uint16Array.from({ length: ROWS * COLUMNS }, (_, n) => [0x0fff, 0x0800, 0x07ff, 0xf001][n] ?? 0);
    const rescale: DicomJson = { '00281052': { vr: 'DS', Value: [-1024] }, '00281053': { vr: 'DS', Value: [2] } };
    const frame = await readFrame(readPart10(file(rescale, stored)), 1);
    expect([...frame.pixels.slice(0, 5)]).toEqual([-1, -2048, 2047, 1, 0]);
    expect(frame).toMatchObject({
      slope: 2,
      intercept: -1024,
      invert: false,
      components: 1,
      rows: ROWS,
      columns: COLUMNS,
    });
  });

  it('say what is padding, as stored numbers, whatever the sign that was written', async () => {
    const padded = { '00280120': { vr: 'US', Value: [63_536] }, '00280121': { vr: 'US', Value: [63_530] } };
    expect((await readFrame(readPart10(file(padded)), 1)).padding).toEqual([-2006, -2000]);
  });

  it('of a signed image go through a modality table of more than 32,767 entries', async () => {
    const entries = 40_000;
    const table = Uint16Array.from({ length: entries }, (_, n) => entries - n);
    const lut: DicomJson = {
      '00283002': { vr: 'SS', Value: [entries, -2048, 16] },
      '00283006': { vr: 'OW', InlineBinary: Buffer.from(table.buffer).toString('base64') },
    };
    const stored = new Uint16Array(ROWS * COLUMNS).fill(0x800, 1, 2);
    const frame = await readFrame(readPart10(file({ '00283000': { vr: 'SQ', Value: [lut] } }, stored)), 1);
    expect([...frame.pixels.slice(0, 3)]).toEqual([entries - 2048, entries, entries - 2048]);
  });

  it('that are too few are refused', async () => {
    const part10 = readPart10(file({}, new Uint16Array(ROWS * COLUMNS - 1)));
    await expect(readFrame(part10, 1)).rejects.toMatchObject({ code: 'dicom-invalid' });
  });

  it('of a frame that is not there are refused', async () => {
    await expect(readFrame(readPart10(file()), 2)).rejects.toMatchObject({ code: 'dicom-invalid' });
  });

  it('of planar and subsampled colour become RGB by pixel', async () => {
    const colour = (photometric: string, planar: number): DicomJson => ({
      '00280002': { vr: 'US', Value: [3] },
      '00280004': { vr: 'CS', Value: [photometric] },
      '00280006': { vr: 'US', Value: [planar] },
      '00280010': { vr: 'US', Value: [1] },
      '00280011': { vr: 'US', Value: [2] },
      '00280100': { vr: 'US', Value: [8] },
      '00280101': { vr: 'US', Value: [8] },
      '00280103': { vr: 'US', Value: [0] },
    });
    const read = async (header: DicomJson, bytes: number[]) => [
      ...(await readFrame(readPart10(writePart10({ ...HEADER, ...header }, Uint8Array.from(bytes))), 1)).pixels,
    ];
    expect(await read(colour('RGB', 1), [1, 2, 3, 4, 5, 6])).toEqual([1, 3, 5, 2, 4, 6]);
    expect(await read(colour('YBR_FULL', 0), [76, 85, 255, 255, 128, 128])).toEqual([254, 0, 0, 255, 255, 255]);
    expect(await read(colour('YBR_FULL_422', 0), [100, 50, 128, 128])).toEqual([100, 100, 100, 50, 50, 50]);
  });
});
