export { planeMaskOf } from './planeMask.ts';
export { Propagations, type PropagationReporter } from './propagations.ts';
export { propagate, type PropagationEnd, type PropagationTask, type RunningPropagation } from './propagate.ts';
export type { PropagatedPlane } from './walk.ts';
