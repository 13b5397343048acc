import { describe, expect, it } from 'vitest';
import { AppError, toWireError } from './appError.ts';
import { ERROR_CODES, ERRORS } from './registry.ts';

describe('the error registry', () => {
  it.each(ERROR_CODES)('%s has a status of its kind and says in sentences what happened and what to do', (code) => {
    const [status, message, remedy] = ERRORS[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    for (const text of [message, remedy]) expect(text).toMatch(/^[A-Z].*\.$/);
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it('says the same thing once', () => {
    const messages = ERROR_CODES.map((code) => ERRORS[code][1]);
    expect(new Set(messages).size).toBe(messages.length);
  });
});

describe('what crosses the wire', () => {
  it('is the registry text with the detail of an expected failure', () => {
    const error = new AppError('box-invalid', 'It is 1 x 5 pixels.');
    expect(toWireError(error)).toEqual({
      code: 'box-invalid',
      message: ERRORS['box-invalid'][1],
      remedy: ERRORS['box-invalid'][2],
      detail: 'It is 1 x 5 pixels.',
    });
    expect(error.status).toBe(422);
    expect(error.message).toContain('1 x 5');
    expect(toWireError(new AppError('cancelled'))).not.toHaveProperty('detail');
  });

  it.each([new Error('row of DOE^JANE'), 'DOE^JANE', null, { code: 'box-invalid', detail: 'DOE^JANE' }])(
    'is nothing of an unexpected one',
    (error) => {
      const wire = toWireError(error);
      expect(wire.code).toBe('internal');
      expect(JSON.stringify(wire)).not.toContain('DOE');
    },
  );
});
