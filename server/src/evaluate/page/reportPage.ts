/** The report as one HTML file that a person can leaf through: tables, plots, and the worst cases as pictures. */
import type { ObjectScore } from '../evaluateModel.ts';
import type { Report } from '../report.ts';
import { gallery, type Case } from './cases.ts';
import { jitterPlot } from './jitterPlot.ts';
import { scorePlot, sizePlot } from './objectPlots.ts';
import { promptsPlot } from './promptsPlot.ts';
import { setsPlot } from './setsPlot.ts';
import { LEAFING, STYLE } from './style.ts';
import { escapeHtml } from './svg.ts';
import { clickedTable, groupTable, jitterTable, volumeObjectsTable, volumesTable } from './tables.ts';

/**
 * @param worst - The ten worst cases of all.
 * @param worstBySet - The ten worst of each set.
 * @returns A whole document that loads nothing.
 */
export function reportPage(
  report: Report,
  scores: readonly ObjectScore[],
  worst: readonly Case[],
  worstBySet: ReadonlyMap<string, readonly Case[]>,
): string {
  const title = `${report.model.id} ${report.model.version}`;
  const sections = [
    head(report, title, scores.length),
    sets(report, scores),
    robustness(report),
    objects(report, scores),
    ...(report.volumes ? [volumes(report.volumes)] : []),
    cases(worst, worstBySet),
  ];
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${escapeHtml(title)}: evaluation</title><style>${STYLE}</style></head>` +
    `<body>${sections.join('')}<script>${LEAFING}</script></body></html>\n`
  );
}

function head({ model, mean, volumes: inVolumes }: Report, title: string, objects: number): string {
  const show = (value: number) => value.toFixed(3);
  return (
    `<h1>${escapeHtml(title)}</h1><p class="quiet">SHA-256 of the weights <code>${escapeHtml(model.sha256)}</code></p>` +
    `<p>${String(objects)} objects. Means over the sets, each counting alike, in brackets the better baseline of each set: ` +
    `<b>Dice ${show(mean.model.dice)}</b> (${show(mean.baseline.dice)}), ` +
    `<b>NSD ${show(mean.model.nsd)}</b> (${show(mean.baseline.nsd)}), at 2 px.</p>` +
    '<p class="quiet">For research. Not for diagnosis without review.</p>' +
    '<nav><a href="#sets">Sets</a><a href="#boxes">Boxes</a><a href="#objects">Objects</a>' +
    `${inVolumes ? '<a href="#volumes">Volumes</a>' : ''}<a href="#cases">Worst cases</a></nav>`
  );
}

const plots = (...figures: readonly (readonly [drawing: string, caption: string])[]): string =>
  `<div class="plots">${figures.map(([drawing, caption]) => `<figure>${drawing}<figcaption>${caption}</figcaption></figure>`).join('')}</div>`;

const sets = (report: Report, scores: readonly ObjectScore[]): string =>
  '<h2 id="sets">Sets</h2><p>With the tight box of each object. The baselines know the box and no model: the ellipse inscribed ' +
  "in it, and Otsu's threshold of the grey values in it. Bold: above both; red: below the better one.</p>" +
  groupTable('set', report.sets) +
  '<p><span class="key is-model" data-mark="▮">the model: quartiles, median, 5 to 95 %, and the mean as a dot</span>' +
  '<span class="key is-ellipse" data-mark="◇">ellipse, mean</span><span class="key is-otsu" data-mark="○">Otsu, mean</span></p>' +
  plots([setsPlot(report, scores, 'dice', 'Dice'), ''], [setsPlot(report, scores, 'nsd', 'NSD, 2 px'), '']);

const robustness = (report: Report): string =>
  '<h2 id="boxes">Boxes as people draw them</h2>' +
  `<p>For ${String(report.jitter.n)} of the objects, chosen by a hash of their names, the box was moved: each side outward by up to, or by ` +
  'exactly, so many pixels of an image stretched to 1024 x 1024; each side inward, or the whole box along a diagonal, by 5 % of its sides.</p>' +
  plots(
    [jitterPlot(report, 'dice', 'mean Dice'), THICK_AND_THIN],
    [jitterPlot(report, 'nsd', 'mean NSD'), THICK_AND_THIN],
  ) +
  '<p>Mean Dice. Red: more than 0.03 lost at 10 px or by 5 %, more than 0.06 at 20 px.</p>' +
  jitterTable(report) +
  (report.clicked
    ? `<p>With the tight box, and after one click on the largest fault.</p>${clickedTable(report, report.clicked)}`
    : '');

const THICK_AND_THIN = 'Thick: mean of the sets. Thin: each set, sides moved by up to so much.';

const objects = (report: Report, scores: readonly ObjectScore[]): string =>
  `<h2 id="objects">Objects</h2>${groupTable('side at 1024 px', report.sizes)}` +
  plots(
    [sizePlot(scores), 'Each dot is an object.'],
    [
      scorePlot(scores),
      report.scoreCorrelation === null
        ? 'The score does not vary.'
        : `Pearson's r = ${report.scoreCorrelation.toFixed(3)}. On the dashed line the score is right.`,
    ],
  );

const volumes = (report: NonNullable<Report['volumes']>): string =>
  '<h2 id="volumes">Volumes</h2><p>One box on the middle slice of each object of 1000 voxels or more, carried through the volume. ' +
  '<i>Unbounded</i>: wherever propagation went; <i>bounded</i>: only from the first to the last slice of the object. Leaked is what lies ' +
  'before and behind it. Then, until 3D Dice is 0.90, the slice that is most wrong is seen to, which counts as one more prompt: a mask ' +
  'there is corrected, where there is none a box is drawn, where it leaks the object is said to have ended.</p>' +
  volumesTable(report) +
  plots([
    promptsPlot(report),
    'Objects that do not reach 0.90 with as many prompts as they have slices stay below the top.',
  ]) +
  `<details><summary>Every object</summary>${volumeObjectsTable(report)}</details>`;

function cases(worst: readonly Case[], bySet: ReadonlyMap<string, readonly Case[]>): string {
  const each = [...bySet].map(
    ([name, some], n) => `<details><summary>${escapeHtml(name)}</summary>${gallery(`set${String(n)}`, some)}</details>`,
  );
  const hide = ['truth', 'found', 'prompt'].map(
    (what) => `<label class="hide"><input type="checkbox" id="hide-${what}"> hide ${HIDDEN[what] ?? ''}</label>`,
  );
  return (
    '<h2 id="cases">Worst cases</h2><p>Click on a picture to see it large; arrow keys leaf through, Escape closes.</p>' +
    '<p><span class="key is-truth" data-mark="▬">truth</span><span class="key is-found" data-mark="▬">model</span>' +
    `${hide.join('')}</p><h3>Of all sets</h3>${gallery('worst', worst)}<h3>Of each set</h3>${each.join('')}`
  );
}

const HIDDEN: Readonly<Record<string, string>> = { truth: 'the truth', found: "the model's mask", prompt: 'the box' };
