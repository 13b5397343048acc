import { colorSchema, idSchema } from '@ohif-medsam/protocol';
import { z } from 'zod';
import type { Me } from '../session/state.ts';
import { newId } from './newId.ts';

const KEY = 'medsam.participant';
const meSchema = z.object({ id: idSchema, name: z.string().min(1), color: colorSchema });

/** Who used this browser last; undefined on its first use, or where the browser keeps nothing. */
export function rememberedMe(): Me | undefined {
  try {
    return meSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? ''));
  } catch {
    return undefined;
  }
}

/** Light enough for a dark background, and rarely the same for two people. */
function randomColor(): Me['color'] {
  const hue = Math.random() * 360;
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (0.65 - 0.3 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** Takes a name. Another one than before is another person, with steps to undo, an id and a colour of their own. */
export function rememberMe(name: string): Me {
  const before = rememberedMe();
  const me = before?.name === name ? before : { id: newId(), name, color: randomColor() };
  try {
    localStorage.setItem(KEY, JSON.stringify(me));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  return me;
}
