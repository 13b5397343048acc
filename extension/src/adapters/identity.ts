import { colorSchema, idSchema } from '@ohif-medsam/protocol';
import { z } from 'zod';
import type { Me } from '../session/state.ts';
import { newId } from './newId.ts';

const KEY = 'medsam.participants';
/** More than share a workstation. */
const MOST_PERSONS = 50;
const meSchema = z.object({ id: idSchema, name: z.string().min(1), color: colorSchema });

/** Who used this browser, the last one first; nobody on its first use, or where it keeps nothing. */
function rememberedPersons(): readonly Me[] {
  try {
    return z.array(meSchema).parse(JSON.parse(localStorage.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

/** Who used this browser last. */
export const rememberedMe = (): Me | undefined => rememberedPersons()[0];

/** Light enough for a dark background, and rarely the same for two people. */
function randomColor(): Me['color'] {
  const hue = Math.random() * 360;
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (0.65 - 0.3 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** Takes a name. Each is another person, with boxes, steps to undo, an id and a colour of their own, who may come back. */
export function rememberMe(name: string): Me {
  const persons = rememberedPersons();
  const me = persons.find((person) => person.name === name) ?? { id: newId(), name, color: randomColor() };
  const others = persons.filter(({ id }) => id !== me.id);
  try {
    localStorage.setItem(KEY, JSON.stringify([me, ...others].slice(0, MOST_PERSONS)));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  return me;
}
