import { describe, expect, it } from 'vitest';
import { codeSchema } from '../messages/primitives.ts';
import { REGIONS } from './regions.ts';
import { COMMON_TYPES, searchCodes, searchRegions, SEGMENT_TYPES } from './searchCodes.ts';

/** Last digit of a SNOMED CT identifier: Verhoeff's check digit (SNOMED CT Release File Specification, section 6.6). */
function hasValidCheckDigit(value: string): boolean {
  const rotate = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const dihedral = (a: number, b: number) =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
  let check = 0;
  [...value].reverse().forEach((digit, place) => {
    let permuted = Number(digit);
    for (let n = 0; n < place; n++) permuted = rotate[permuted] ?? 0;
    check = dihedral(check, permuted);
  });
  return check === 0;
}

describe('the code list', () => {
  it('has a few hundred types, each once, all of them valid codes with a bright colour', () => {
    expect(SEGMENT_TYPES.length).toBeGreaterThan(300);
    expect(new Set(SEGMENT_TYPES.map(({ value }) => value)).size).toBe(SEGMENT_TYPES.length);
    for (const type of SEGMENT_TYPES) {
      expect([type.meaning, hasValidCheckDigit(type.value)]).toEqual([type.meaning, true]);
      expect(codeSchema.parse(type)).toMatchObject({ scheme: 'SCT' });
      expect(Math.max(...type.color)).toBeGreaterThan(160);
      for (const part of type.color) expect(Number.isInteger(part) && part >= 0 && part <= 255).toBe(true);
    }
  });

  it('has valid regions, each once', () => {
    expect(new Set(REGIONS.map(({ value }) => value)).size).toBe(REGIONS.length);
    for (const region of REGIONS)
      expect([region.meaning, hasValidCheckDigit(region.value)]).toEqual([region.meaning, true]);
  });
});

describe('searchCodes', () => {
  const found = (text: string) => searchCodes(text).map(({ meaning }) => meaning);

  it('offers Lesion and the organs before anything is typed', () => {
    expect(found('')).toEqual(COMMON_TYPES.map(({ meaning }) => meaning));
    expect(COMMON_TYPES).toHaveLength(14);
    expect(searchCodes('')[0]).toMatchObject({ value: '52988006', category: { value: '49755003' } });
    expect(searchCodes('liver')[0]).toMatchObject({ value: '10200004', category: { value: '123037004' } });
  });

  it.each([
    ['liv', 'Liver'],
    ['LIVER SEGMENT 7', 'Couinaud hepatic segment VII'],
    ['metastasis', 'Neoplasm, Secondary'],
    ['vertebra l3', 'L3 vertebra'],
    ['windpipe', 'Trachea'],
    ['œdema'.replace('œ', 'oe'), 'Edema'],
    ['64131007', 'Inferior vena cava'],
  ])('finds "%s" first: %s', (text, meaning) => {
    expect(found(text)[0]).toBe(meaning);
  });

  it('finds nothing where there is nothing', () => {
    expect(found('zzz')).toEqual([]);
  });

  it('finds regions too', () => {
    expect(searchRegions('thorax')[0]?.meaning).toBe('Chest');
    expect(searchRegions('', 3).map(({ meaning }) => meaning)).toEqual(['Entire body', 'Head', 'Head and Neck']);
  });
});
