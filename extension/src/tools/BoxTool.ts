import { eventTarget, triggerEvent, type Types as CoreTypes } from '@cornerstonejs/core';
import { addTool, annotation as annotations, drawing, RectangleROITool, type Types } from '@cornerstonejs/tools';
import { BOX_TOOL } from '../id.ts';
import type { BoxLook } from '../session/shownBoxes.ts';

/** Events on cornerstone's event target: a box is in the hand; it was let go; drawing it was given up. */
export const BOX_EVENTS = {
  dragged: 'MEDSAM_BOX_DRAGGED',
  released: 'MEDSAM_BOX_RELEASED',
  cancelled: 'MEDSAM_BOX_CANCELLED',
} as const;

interface BoxEventDetail {
  readonly annotation: Types.Annotation;
  readonly element: HTMLDivElement;
}
export type BoxEvent = CustomEvent<BoxEventDetail>;

/** Written into `annotation.data.medsamPreview` while a box is in the hand: the mask as it would be. */
export interface BoxPreview {
  /** Closed polygons in the patient (LPS mm), holes among them. */
  readonly outlines: readonly (readonly CoreTypes.Point3[])[];
  readonly color: BoxLook['color'];
}

/** Written into `annotation.data.medsamDots`: where clicks corrected the mask, in the patient (LPS mm). */
export interface Dots {
  readonly inside: readonly CoreTypes.Point3[];
  readonly outside: readonly CoreTypes.Point3[];
}

type PointerEvent = Parameters<RectangleROITool['_endCallback']>[0];
type Style = ReturnType<RectangleROITool['getAnnotationStyle']>;

/** Written into `annotation.data.medsam` by whoever knows the session. */
const lookOf = (annotation: Types.Annotation): BoxLook | undefined => annotation.data['medsam'] as BoxLook | undefined;

const cssColor = ([r, g, b]: BoxLook['color']) => `rgb(${String(r)}, ${String(g)}, ${String(b)})`;

/** Pointer to box, and no more: it draws a rectangle and says when one was drawn or moved. */
class BoxTool extends RectangleROITool {
  static override toolName = BOX_TOOL;
  /** OHIF lists annotation tools as measurements; a box is none. */
  static isAnnotation = false;

  constructor(toolProps = {}) {
    super(toolProps, {
      supportedInteractionTypes: ['Mouse', 'Touch'],
      configuration: {
        shadow: true,
        preventHandleOutsideImage: false,
        calculateStats: false,
        getTextLines: ({ medsam }: { medsam?: BoxLook }) => (medsam?.author === undefined ? [] : [medsam.author]),
      },
    });
    const [end, drag, cancel] = [this._endCallback, this._dragCallback, this.cancel];
    const render = this.renderAnnotation;
    this.renderAnnotation = (enabledElement, svg) => {
      const isDrawn = render(enabledElement, svg);
      const { element } = enabledElement.viewport;
      const all = annotations.state.getAnnotations(BOX_TOOL, element);
      for (const annotation of this.filterInteractableAnnotationsForElement(element, all) ?? []) {
        drawPreview(annotation, enabledElement.viewport, svg);
        drawDots(annotation, enabledElement.viewport, svg);
      }
      return isDrawn;
    };
    // ANNOTATION_COMPLETED comes for new boxes only, not for moved ones: this catches both.
    this._endCallback = (event: PointerEvent) => {
      const edit = this.editData;
      end(event);
      if (edit && !this.editData) announce(BOX_EVENTS.released, edit.annotation, event.detail.element);
    };
    this._dragCallback = (event: PointerEvent) => {
      drag(event);
      if (this.editData) announce(BOX_EVENTS.dragged, this.editData.annotation, event.detail.element);
    };
    this.cancel = (element: HTMLDivElement) => {
      const edit = this.editData;
      const uid = cancel(element);
      if (edit) announce(BOX_EVENTS.cancelled, edit.annotation, element);
      return uid;
    };
  }

  /** None: a box is a step of the document's history; the viewer's own would bring it back on this page only. */
  protected override createMemo(): undefined {
    return undefined;
  }

  protected override getAnnotationStyle(context: Parameters<RectangleROITool['getAnnotationStyle']>[0]): Style {
    const look = lookOf(context.annotation);
    const style = super.getAnnotationStyle(context);
    if (!look) return { ...style, lineDash: '4,4' };
    return {
      ...style,
      color: cssColor(look.color),
      lineDash: look.waiting ? '4,4' : '',
      lineWidth: look.movable ? 2 : 1,
    };
  }

  override getLinkedTextBoxStyle(...[specifier, annotation]: Parameters<RectangleROITool['getLinkedTextBoxStyle']>) {
    const look = annotation && lookOf(annotation);
    const style = super.getLinkedTextBoxStyle(specifier, annotation);
    return look ? { ...style, color: cssColor(look.color), textBoxLinkLineColor: 'transparent' } : style;
  }
}

/** Over the image, much as the mask itself will look. */
function drawPreview(
  { annotationUID = '', data }: Types.Annotation,
  viewport: Pick<CoreTypes.IViewport, 'worldToCanvas'>,
  svg: Parameters<typeof drawing.drawPath>[0],
): void {
  const preview = data['medsamPreview'] as BoxPreview | undefined;
  if (!preview) return;
  const outlines = preview.outlines.map((outline) => outline.map((point) => viewport.worldToCanvas(point)));
  const color = cssColor(preview.color);
  if (outlines.length > 0)
    drawing.drawPath(svg, annotationUID, 'preview', outlines, { color, fillColor: color, ...PREVIEW_STYLE });
}

/** A green plus where the mask was to grow, a red minus where it was to shrink. */
function drawDots(
  { annotationUID = '', data }: Types.Annotation,
  viewport: Pick<CoreTypes.IViewport, 'worldToCanvas'>,
  svg: Parameters<typeof drawing.drawPath>[0],
): void {
  const { inside, outside } = (data['medsamDots'] as Dots | undefined) ?? { inside: [], outside: [] };
  const line = (name: string, from: CoreTypes.Point2, to: CoreTypes.Point2) =>
    drawing.drawLine(svg, annotationUID, name, from, to, { color: 'white', lineWidth: 1.5 });
  for (const [n, point] of [...inside, ...outside].entries()) {
    const [name, isInside] = [`dot${String(n)}`, n < inside.length];
    const [x, y] = viewport.worldToCanvas(point);
    const fill = isInside ? 'rgb(0, 150, 60)' : 'rgb(210, 30, 30)';
    drawing.drawCircle(svg, annotationUID, name, [x, y], DOT_RADIUS, { color: 'white', fill, lineWidth: 1 });
    line(`${name}-`, [x - DOT_ARM, y], [x + DOT_ARM, y]);
    if (isInside) line(`${name}|`, [x, y - DOT_ARM], [x, y + DOT_ARM]);
  }
}

/** Canvas pixels. */
const [DOT_RADIUS, DOT_ARM] = [5, 2.5];

const PREVIEW_STYLE = { fillOpacity: 0.3, lineWidth: 1.5, closePath: true };

const announce = (event: string, annotation: Types.Annotation, element: HTMLDivElement) =>
  triggerEvent(eventTarget, event, { annotation, element } satisfies BoxEventDetail);

export const registerBoxTool = (): void => addTool(BoxTool);
