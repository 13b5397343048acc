import { chosenModel } from '../session/models.ts';
import type { Session } from '../session/session.ts';
import { TAKES_POINTS } from '../id.ts';

/** Tells the viewer's toolbar which of our buttons can be pressed now. */
export const toolbarModule = ({ store }: Pick<Session, 'store'>) => [
  {
    name: TAKES_POINTS,
    evaluate: () => {
      const model = chosenModel(store.getState());
      return model?.takesPoints === false
        ? { disabled: true, disabledText: `${model.title} takes boxes only` }
        : undefined;
    },
  },
];
