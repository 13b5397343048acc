import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../ports/archive.ts';
import { readPart10 } from './readPart10.ts';
import { decimalString, writePart10 } from './writePart10.ts';

const NAMES: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.7'] },
  '00080018': { vr: 'UI', Value: ['2.25.123'] },
};

const VALUES: DicomJson = {
  '00080008': { vr: 'CS', Value: ['DERIVED', 'PRIMARY'] },
  '00080090': { vr: 'PN' },
  '0008040C': { vr: 'UV', Value: [7, '18446744073709551615'] },
  '00081030': { vr: 'LO', Value: ['Übersicht – Bauch'] },
  '00081115': {
    vr: 'SQ',
    Value: [
      {
        '0020000E': { vr: 'UI', Value: ['2.25.4'] },
        '0008114A': { vr: 'SQ', Value: [{ '00081160': { vr: 'IS', Value: [7] } }] },
      },
      {},
    ],
  },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Žofie', Ideographic: '山田^太郎' }] },
  '00200032': { vr: 'DS', Value: [-12.3456789, 1e-7, 250] },
  '00280010': { vr: 'US', Value: [512] },
  '00189311': { vr: 'FD', Value: [Math.PI] },
  '00181271': { vr: 'FL', Value: [0.5] },
  '00209157': { vr: 'UL', Value: [1, 4_000_000_000] },
  '00209165': { vr: 'AT', Value: ['0062000B'] },
  '00286100': { vr: 'SS', Value: [-3] },
  '00420011': { vr: 'OB', InlineBinary: 'AQID' + 'BA==' },
  '00720082': { vr: 'SV', Value: [-7, '-9223372036854775808'] },
  '52009230': { vr: 'SQ' },
};

describe('writePart10', () => {
  it('writes what readPart10 reads back', () => {
    const { header, meta, transferSyntaxUid } = readPart10(writePart10({ ...NAMES, ...VALUES }));
    expect(header).toEqual({ ...NAMES, ...VALUES });
    expect(transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
    expect(meta['00020003']?.Value).toEqual(['2.25.123']);
  });

  it('pads pixel data of odd length', () => {
    const file = writePart10(NAMES, Uint8Array.of(1, 2, 3));
    expect([...file.subarray(-4)]).toEqual([1, 2, 3, 0]);
    expect(readPart10(file).dataSet.elements['x7fe00010']?.length).toBe(4);
  });

  it('refuses a value that its length field cannot hold', () => {
    expect(() => writePart10({ ...NAMES, '00081030': { vr: 'LO', Value: ['x'.repeat(70_000)] } })).toThrow(RangeError);
  });

  it('refuses a value that the archive keeps elsewhere, rather than writing nothing', () => {
    const elsewhere = { vr: 'OB', BulkDataURI: 'http://archive/bulk/1' };
    expect(() => writePart10({ ...NAMES, '00420011': elsewhere })).toThrow(RangeError);
  });

  it("writes a person's name that an archive gave as plain text", () => {
    const { header } = readPart10(writePart10({ ...NAMES, '00100010': { vr: 'PN', Value: ['Müller^Žofie'] } }));
    expect(header['00100010']?.Value).toEqual([{ Alphabetic: 'Müller^Žofie' }]);
  });
});

describe('decimalString', () => {
  it.each([
    [-0.00000123456789012, '-1.2345678901e-6'],
    [0.1 + 0.2, '0.30000000000000'],
    [0.7421875, '0.7421875'],
    [-1234.5, '-1234.5'],
  ])('%d is %s', (value, text) => {
    expect(Number(decimalString(value))).toBe(Number(text));
  });

  it('fits 16 characters and keeps at least 9 digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), (value) => {
        const text = decimalString(value);
        expect(text.length).toBeLessThanOrEqual(16);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8 + Number.MIN_VALUE);
      }),
    );
  });
});
