/** What draws WebGL where there is no graphics card: Chromium's, Mesa's and Windows' own. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software rasterizer|software renderer|basic render/i;

/**
 * Where the processor draws, as in thin clients, each pixel is drawn once from now on, as long as the page lives. Browsers draw four
 * times, to smooth the edges of surfaces: those of a volume in 3D are rough then, but a slice and its masks have none, and take 0.6 of
 * the time (`bench browser`, nothingChangedToDrawn). To be called once, before the viewer makes its viewports: how a canvas is drawn is
 * settled when it is first asked, by vtk.js, which has no setting for it.
 */
export function drawPixelsOnce(): void {
  if (!processorDraws()) return;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the canvas it is asked of
  const stock = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
    return stock.call(this, kind, kind === 'webgl2' ? { ...options, antialias: false } : options);
  } as typeof stock;
}

function processorDraws(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = info && gl?.getParameter(info.UNMASKED_RENDERER_WEBGL);
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer === 'string' && SOFTWARE.test(renderer);
}
