import { expect, it } from 'vitest';
import { createStore } from '../session/store.ts';
import { toolbarModule } from './toolbarModule.ts';

const model = { version: '1', device: 'CPU', sha256: 'a'.repeat(64), licence: 'Apache-2.0' };

it('offers no tool for points while the chosen model takes boxes only', () => {
  const store = createStore();
  const models = [
    { ...model, id: 'box', title: 'Box', takesPoints: true },
    { ...model, id: 'track', title: 'Track', takesPoints: false },
  ];
  store.dispatch({ kind: 'models-changed', changed: { models, defaultModelId: 'box' } });
  const [evaluator] = toolbarModule({ store });
  expect(evaluator?.evaluate()).toBeUndefined();
  store.dispatch({ kind: 'model-chosen', modelId: 'track' });
  expect(evaluator?.evaluate()).toEqual({ disabled: true, disabledText: 'Track takes boxes only' });
});
