import { AppError } from '@ohif-medsam/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { logFailure } from './logFailure.ts';

/** The lines that an operator finds. */
function logged(error: unknown): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  logFailure(log, error, { message: 'segmentation:save' });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('names the code and every cause of what the server could not do, and nothing else of the causes', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { row: 'DOE^JANE' });
    const cause = new TypeError('fetch failed', { cause: refused });
    const [line] = logged(new AppError('archive-unreachable', undefined, { cause }));
    expect(line).toMatchObject({
      message: 'segmentation:save',
      code: 'archive-unreachable',
      cause: ['TypeError: fetch failed', 'Error: connect ECONNREFUSED'],
    });
    expect(JSON.stringify(line)).not.toContain('DOE');
  });

  it('holds bugs whole', () => {
    expect(logged(new RangeError('a bug'))).toMatchObject([{ level: 50, err: { type: 'RangeError' } }]);
  });

  it('says nothing of what a client got wrong', () => {
    expect(logged(new AppError('box-invalid'))).toEqual([]);
  });
});
