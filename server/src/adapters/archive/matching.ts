import { AppError } from '@ohif-medsam/protocol';
import type { DicomJson } from '../../ports/archive.ts';
import { ATTRIBUTES, findAttribute, type Attribute, type Level } from './attributes.ts';

export interface Query {
  readonly keys: readonly { readonly attribute: Attribute; readonly wanted: string }[];
  readonly fuzzy: boolean;
  readonly limit: number;
  readonly offset: number;
}

const LEVELS: readonly Level[] = ['study', 'series', 'instance'];
const DEFAULT_LIMIT = 10_000;
/** Room for a list of a hundred UIDs. */
const MAX_WANTED = 8192;

/**
 * Parses the query part of a QIDO-RS request. `includefield` is accepted and not needed: results hold everything that
 * is searchable.
 * @throws AppError `input-invalid` for a key that the level does not know.
 * @see DICOM PS3.18 section 8.3.4
 */
export function parseQuery(parameters: URLSearchParams, level: Level): Query {
  const keys: { attribute: Attribute; wanted: string }[] = [];
  for (const [name, wanted] of parameters) {
    if (['limit', 'offset', 'fuzzymatching', 'includefield'].includes(name)) continue;
    const attribute = findAttribute(name);
    if (attribute === undefined || LEVELS.indexOf(attribute.level) > LEVELS.indexOf(level)) {
      const known = ATTRIBUTES.filter((each) => LEVELS.indexOf(each.level) <= LEVELS.indexOf(level));
      throw new AppError(
        'input-invalid',
        `Cannot search for "${name}". Known: ${known.map((a) => a.keyword).join(', ')}.`,
      );
    }
    if (wanted.length > MAX_WANTED)
      throw new AppError('input-invalid', `${name} has more than ${MAX_WANTED} characters.`);
    if (wanted !== '' && wanted !== '*') keys.push({ attribute, wanted });
  }
  return {
    keys,
    fuzzy: parameters.get('fuzzymatching') === 'true',
    limit: count(parameters, 'limit') ?? DEFAULT_LIMIT,
    offset: count(parameters, 'offset') ?? 0,
  };
}

function count(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new AppError('input-invalid', `${name}=${text} is not a whole number.`);
  return Number(text);
}

export const matches = (row: DicomJson, query: Query): boolean =>
  query.keys.every(({ attribute, wanted }) => {
    const values = (row[attribute.tag]?.Value ?? []).map(asText);
    return values.some((value) => matchesValue(value, wanted, attribute, query.fuzzy));
  });

function asText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'Alphabetic' in value) return Object.values(value).join('=');
  return String(value);
}

function matchesValue(value: string, wanted: string, { vr, keyword }: Attribute, fuzzy: boolean): boolean {
  if (vr === 'DA' || vr === 'TM') return inRange(value, wanted);
  // A list is defined for UIDs only; viewers send one for the modalities too.
  if (vr === 'UI' || keyword === 'ModalitiesInStudy') return wanted.split(/[,\\]/).includes(value);
  if (vr === 'IS' || vr === 'US') return Number(value) === Number(wanted);
  if (fuzzy && vr === 'PN') return startsEachWord(value, wanted);
  return fitsWildcard(value, wanted);
}

/** Dates (YYYYMMDD) and times (HHMMSS.F) order as text; both ends belong to the range, either may be open. */
function inRange(value: string, wanted: string): boolean {
  const [from = '', to] = wanted.split('-', 2);
  if (to === undefined) return value.startsWith(from);
  return value >= from && (to === '' || value.slice(0, to.length) <= to);
}

/**
 * Whether the whole value fits a pattern of `*` (anything) and `?` (one character), whatever the case. Goes back to the last
 * `*` only, so that no pattern takes longer than its length times the value's.
 */
function fitsWildcard(value: string, pattern: string): boolean {
  const [text, wanted] = [[...value.toLowerCase()], [...pattern.toLowerCase()]];
  let [at, star, mark] = [0, -1, 0];
  for (let n = 0; n < text.length;) {
    if (at < wanted.length && wanted[at] === '*') [star, mark] = [at++, n];
    else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === text[n])) [at, n] = [at + 1, n + 1];
    else if (star >= 0) [at, n] = [star + 1, ++mark];
    else return false;
  }
  return wanted.slice(at).every((character) => character === '*');
}

/** Each wanted word begins some component of the name. */
function startsEachWord(value: string, wanted: string): boolean {
  const words = (text: string) =>
    text
      .toLowerCase()
      .split(/[\s^=*]+/)
      .filter((word) => word !== '');
  return words(wanted).every((word) => words(value).some((each) => each.startsWith(word)));
}
