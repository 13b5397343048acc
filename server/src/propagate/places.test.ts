import { describe, expect, it } from 'vitest';
import { headersAt, planesAlong } from './fixtures/ellipsoid.ts';
import { placesOf } from './places.ts';

const planes = planesAlong('k');

describe('planes lie', () => {
  it('where their headers say, gaps included', () => {
    const places = placesOf(
      planes,
      headersAt((n) => 3 * n + (n > 4 ? 10 : 0)),
    );
    expect([places[4], places[5], places[6]]).toEqual([12, 25, 28]);
  });

  it('one behind the other where nothing says how far apart, or they lie on each other', () => {
    const numbers = planes.map((_, n) => n);
    expect(placesOf(planes, [])).toEqual(numbers);
    expect(
      placesOf(
        planes,
        headersAt(() => 7),
      ),
    ).toEqual(numbers);
    expect(
      placesOf(
        planes,
        headersAt((n) => n % 4),
      ),
    ).toEqual(numbers);
  });
});
