import type { ModelInfo } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { chosenModel, lostModelMessage, modelToAccept, termsOf } from './models.ts';
import { reduce, type SessionEvent } from './reduce.ts';
import { INITIAL_STATE } from './state.ts';

const model = (id: string, change: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  title: id.toUpperCase(),
  version: '1',
  device: 'CPU',
  sha256: 'a'.repeat(64),
  takesPoints: true,
  licence: 'CC-BY-4.0',
  ...change,
});
const own = model('embedded-box');
const lite = model('lite');
const changed = (...models: ModelInfo[]): SessionEvent => ({
  kind: 'models-changed',
  changed: { models, defaultModelId: 'embedded-box' },
});
const after = (...events: SessionEvent[]) => events.reduce(reduce, INITIAL_STATE);
const choose = (modelId: string): SessionEvent => ({ kind: 'model-chosen', modelId });

describe('models that come and go', () => {
  it('[MO1] a model that is added is offered, and the chosen one stays chosen', () => {
    const state = after(changed(own), changed(own, lite));
    expect(state.models).toEqual([own, lite]);
    expect(state.modelId).toBe('embedded-box');
    expect(after(changed(own, lite), choose('lite'), changed(lite, own)).modelId).toBe('lite');
  });

  it('[MO2] the default takes the place of a model that is removed, and that is told', () => {
    const before = after(changed(own, lite), choose('lite'));
    const state = reduce(before, changed(own));
    expect(state.modelId).toBe('embedded-box');
    expect(lostModelMessage(state, before)).toBe(
      'LITE is not on the server any more. EMBEDDED-BOX is used from now on.',
    );
    expect(lostModelMessage(reduce(before, changed()), before)).toMatch(/There is no other/);
  });

  it('[MO3] nothing is told of a model that one has not chosen, or that one leaves', () => {
    const before = after(changed(own, lite));
    expect(lostModelMessage(reduce(before, changed(own)), before)).toBeUndefined();
    expect(lostModelMessage(reduce(before, choose('lite')), before)).toBeUndefined();
    expect(lostModelMessage(before, INITIAL_STATE)).toBeUndefined();
  });
});

describe('terms', () => {
  it('[MO4] are to be accepted for every model but the project’s own, once', () => {
    const state = after(changed(own, lite));
    expect(modelToAccept(state)).toBeUndefined();
    const chosen = reduce(state, choose('lite'));
    expect(modelToAccept(chosen)).toBe(lite);
    const accepted = reduce(chosen, { kind: 'terms-accepted', terms: [termsOf(lite)] });
    expect(modelToAccept(accepted)).toBeUndefined();
    expect(chosenModel(accepted)).toBe(lite);
  });

  it('[MO5] that change are to be accepted anew; another version of the model under the same terms is not', () => {
    const accepted = after(changed(own, lite), choose('lite'), { kind: 'terms-accepted', terms: [termsOf(lite)] });
    expect(modelToAccept(reduce(accepted, changed(own, { ...lite, version: '2' })))).toBeUndefined();
    expect(modelToAccept(reduce(accepted, changed(own, { ...lite, notice: 'Not for sale.' })))).toBeDefined();
  });
});
