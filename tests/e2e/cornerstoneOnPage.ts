/** What the tests use of the viewer's cornerstone, which stands under a window global for plugins. */
interface Viewport {
  readonly type: string;
  readonly element: HTMLElement;
  getImageData(): {
    imageData: { indexToWorld(index: number[]): number[]; worldToIndex(world: number[]): number[] };
  };
  worldToCanvas(world: number[]): number[];
  canvasToWorld(canvas: number[]): number[];
  getSliceIndex(): number;
  getImageIds(): string[];
}
type Triple = [number, number, number];
interface ImagePlane {
  readonly columnPixelSpacing: number;
  readonly rowPixelSpacing: number;
  readonly rowCosines: Triple;
  readonly columnCosines: Triple;
  readonly imagePositionPatient: Triple;
}
interface Cornerstone {
  readonly metaData: { get(kind: 'imagePlaneModule', imageId: string): ImagePlane | undefined };
  readonly getRenderingEngines: () => { getViewports(): Viewport[] }[];
  readonly cache: {
    getImage(id: string): { referencedImageId: string; voxelManager: { getScalarData(): Uint8Array } };
  };
  readonly utilities: { jumpToSlice(element: HTMLElement, to: { imageIndex: number }): Promise<void> };
}
interface Annotation {
  readonly metadata: { readonly toolName: string };
  readonly data: { readonly handles: { readonly points: readonly Triple[] } };
}
interface CornerstoneTools {
  readonly segmentation: {
    readonly state: { getSegmentations(): { segmentationId: string }[] };
    getLabelmapImageIds(segmentationId: string): string[];
  };
  readonly annotation: { readonly state: { getAllAnnotations(): Annotation[] } };
  readonly ToolGroupManager: { getToolGroup(id: string): ToolGroup };
}
interface ToolGroup {
  getActivePrimaryMouseButtonTool(): string;
  hasTool(name: string): boolean;
  addTool(name: string): void;
  setToolPassive(name: string): void;
  setToolActive(name: string, options: { bindings: { mouseButton: number }[] }): void;
}
export type Shared = { '@cornerstonejs/core': Cornerstone; '@cornerstonejs/tools': CornerstoneTools };
