import { COMMON_TYPES, type Code, type Coding } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { meaningOf, withRegion, withType } from './coding.ts';

const code = (meaning: string): Code => ({ value: meaning, scheme: 'SCT', meaning });
const KIDNEY: Coding = {
  category: code('Organ'),
  type: code('Kidney'),
  typeModifiers: [code('Left')],
  region: code('Abdomen'),
  regionModifiers: [code('Upper')],
};

it('[CO1] modifiers stay with their code, and go with it', () => {
  const [spleen] = COMMON_TYPES.filter(({ meaning }) => meaning === 'Spleen');
  if (!spleen) throw new Error('there is no spleen');
  expect([KIDNEY, withType(KIDNEY, spleen)].map(meaningOf)).toEqual([
    'Kidney Left, Abdomen Upper',
    'Spleen, Abdomen Upper',
  ]);
  expect(withType(KIDNEY, spleen)).not.toHaveProperty('typeModifiers');
  expect(meaningOf(withRegion(KIDNEY, code('Pelvis')))).toBe('Kidney Left, Pelvis');
  expect(meaningOf(withRegion(KIDNEY, undefined))).toBe('Kidney Left');
});
