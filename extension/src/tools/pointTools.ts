import { eventTarget, triggerEvent, type Types as CoreTypes } from '@cornerstonejs/core';
import { addTool, BaseTool, type Types } from '@cornerstonejs/tools';
import { ADD_TOOL, TAKE_TOOL } from '../id.ts';
import type { PointKind } from '../session/corrections.ts';

/** Event on cornerstone's event target: somebody clicked to correct a mask. */
export const POINT_EVENT = 'MEDSAM_POINT_CLICKED';

interface PointEventDetail {
  readonly kind: PointKind;
  readonly world: CoreTypes.Point3;
  readonly element: HTMLDivElement;
}
export type PointEvent = CustomEvent<PointEventDetail>;

type PressEvent = Types.EventTypes.MouseDownEventType | Types.EventTypes.TouchStartEventType;

/** Pointer to point, and no more. It takes the press before any other tool: near an edge of the box, that would be moved instead. */
abstract class PointTool extends BaseTool {
  protected abstract readonly kind: PointKind;

  constructor(toolProps = {}) {
    super(toolProps, { supportedInteractionTypes: ['Mouse', 'Touch'] });
  }

  readonly preMouseDownCallback = ({ detail: { currentPoints, element } }: PressEvent): boolean => {
    const { kind } = this;
    triggerEvent(eventTarget, POINT_EVENT, { kind, world: currentPoints.world, element } satisfies PointEventDetail);
    return true;
  };
  readonly preTouchStartCallback = this.preMouseDownCallback;
}

class AddTool extends PointTool {
  static override toolName = ADD_TOOL;
  protected readonly kind = 'inside';
}

class TakeTool extends PointTool {
  static override toolName = TAKE_TOOL;
  protected readonly kind = 'outside';
}

export function registerPointTools(): void {
  addTool(AddTool);
  addTool(TakeTool);
}
