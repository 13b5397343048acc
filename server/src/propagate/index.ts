export { planeMaskOf } from './planeMask.ts';
export { Propagations, type PropagationReporter } from './propagations.ts';
export { propagate, type PropagationEnd, type PropagationTask, type RunningPropagation } from './propagate.ts';
export { STOP, stopReason, type Change, type StopLimits, type StopRule } from './stopRule.ts';
export type { PropagatedPlane } from './walk.ts';
