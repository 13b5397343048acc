/** Pictures to leaf through. */
import type { Runs } from '@ohif-medsam/protocol';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import type { ObjectScore } from '../evaluateModel.ts';
import { casePicture } from './casePicture.ts';
import { escapeHtml } from './svg.ts';

export interface Case {
  readonly score: ObjectScore;
  readonly image: SliceImage;
  readonly truth: Runs;
}

/** @param id - Names the gallery in links; letters, digits and hyphens. */
export function gallery(id: string, cases: readonly Case[]): string {
  const name = (n: number) => `${id}-${String((n + cases.length) % cases.length)}`;
  return `<div class="cases">${cases.map((each, n) => figure(each, name(n), name(n - 1), name(n + 1))).join('')}</div>`;
}

function figure({ score, image, truth }: Case, id: string, back: string, next: string): string {
  const { set, object, model, ellipse, otsu, predicted, mask, box } = score;
  const show = (value: number) => value.toFixed(3);
  return (
    `<figure class="case" id="${id}"><a class="open" href="#${id}">${casePicture(image, truth, mask, box)}</a>` +
    `<figcaption><b>Dice ${show(model.dice)}</b> · NSD ${show(model.nsd)} · own score ${show(predicted)}<br>` +
    `<span class="quiet">ellipse ${show(ellipse.dice)} · Otsu ${show(otsu.dice)}</span><br>` +
    `${escapeHtml(set)}, object ${String(object)}<br><span class="quiet">${escapeHtml(score.image)}</span>` +
    `<div class="turn-bar"><a class="turn back" href="#${back}">← back</a><a class="turn next" href="#${next}">next →</a>` +
    `<a class="turn close" href="#cases">close</a></div></figcaption></figure>`
  );
}
