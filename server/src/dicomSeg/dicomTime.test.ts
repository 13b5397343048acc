import { expect, it } from 'vitest';
import { dicomTime } from './dicomTime.ts';

it('writes the local time of the source, over midnight too', () => {
  const at = new Date('2026-03-04T23:30:07.891Z');
  expect(dicomTime(at, '+0530')).toEqual({
    date: '20260305',
    time: '050007.891',
    dateTime: '20260305050007.891+0530',
  });
  expect(dicomTime(at, '-0100').dateTime).toBe('20260304223007.891-0100');
});
