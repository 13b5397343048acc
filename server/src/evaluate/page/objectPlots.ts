/** Every object as a dot: Dice against its size, and the model's own score against what it is worth. */
import type { ObjectScore } from '../evaluateModel.ts';
import { iouOf } from '../report.ts';
import { dots, horizontalAxis, line, svg, unit, verticalAxis, xOn, yOn, type Axis, type Frame } from './svg.ts';

const FRAME: Frame = { left: 52, top: 10, width: 400, height: 300 };
const [WIDTH, HEIGHT] = [470, 360];

/** Side of a square of the object's area, from 8 to 1024 px, in powers of two. */
const SIDE: Axis = {
  at: (side) => Math.min(1, Math.max(0, (Math.log2(side) - 3) / 7)),
  ticks: [8, 16, 32, 64, 128, 256, 512, 1024],
  label: 'square root of area, px at 1024',
};

export function sizePlot(scores: readonly ObjectScore[]): string {
  const axisY = unit('Dice');
  const [x, y] = [xOn(FRAME, SIDE), yOn(FRAME, axisY)];
  const points = scores.map(({ area1024, model }) => [x(Math.sqrt(area1024)), y(model.dice)] as const);
  const axes = horizontalAxis(FRAME, SIDE) + verticalAxis(FRAME, axisY);
  return svg(WIDTH, HEIGHT, 'Dice by size of the object', axes + dots(points));
}

export function scorePlot(scores: readonly ObjectScore[]): string {
  const [axisX, axisY] = [unit("the model's own score"), unit('real IoU')];
  const [x, y] = [xOn(FRAME, axisX), yOn(FRAME, axisY)];
  const points = scores.map(({ predicted, model }) => [x(predicted), y(iouOf(model))] as const);
  const diagonal = line(
    [
      [x(0), y(0)],
      [x(1), y(1)],
    ],
    'dashed faint',
  );
  const axes = horizontalAxis(FRAME, axisX) + verticalAxis(FRAME, axisY);
  return svg(WIDTH, HEIGHT, "Real IoU by the model's own score", axes + diagonal + dots(points));
}
