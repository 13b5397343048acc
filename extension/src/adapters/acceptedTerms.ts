import { z } from 'zod';

const KEY = 'medsam.accepted-terms';
const schema = z.array(z.string());

/** Terms of models that somebody at this browser has accepted; none where the browser keeps nothing. */
export function rememberedTerms(): readonly string[] {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

export function rememberTerms(terms: Iterable<string>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...terms]));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
