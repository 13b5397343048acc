/** What vtk.js' drawing asks of an image of labels: x fastest, then y, in its own index coordinates. */
interface LabelImage {
  getMTime(): number;
  /** Indices of its first and last texel on each axis: x0, x1, y0, y1, z0, z1. */
  getExtent(): number[];
  getDimensions(): number[];
  /** Its edges, half a texel outside of those, in the order of the extent. */
  getSpatialExtent(): number[];
  getPointData(): { getScalars(): LabelScalars };
}
interface LabelScalars {
  getData(): ArrayLike<number>;
}
export interface LabelMapper {
  /** What is drawn. */
  getCurrentImage(): LabelImage;
}

/** Inclusive. */
interface Rectangle {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/**
 * A mapper of vtk.js that draws of its slice of labels only the rectangle that holds them, and knows the whole by every other name:
 * an empty texel costs the processor, where it draws, nearly as much as a labelled one, and a mask rarely covers a tenth of its slice.
 * One texel of nothing is kept around, where the slice has one: what asks for a neighbour outside, as an outline does, finds that.
 * Of a volume all is drawn, and of labels in more than 8 bits, which are not ours.
 */
export function labelledPart<M extends LabelMapper>(mapper: M): M {
  let part: { readonly of: LabelImage; readonly time: number; readonly image: LabelImage } | undefined;
  return {
    ...mapper,
    getCurrentImage: () => {
      const of = mapper.getCurrentImage();
      const time = of.getMTime();
      if (part?.of !== of || part.time !== time) part = { of, time, image: cropped(of) };
      return part.image;
    },
  };
}

function cropped(whole: LabelImage): LabelImage {
  const [width = 0, height = 0, slices = 0] = whole.getDimensions();
  const [left = 0, , top = 0, , ...depth] = whole.getExtent();
  const scalars = whole.getPointData().getScalars();
  const labels = scalars.getData();
  if (slices !== 1 || !(labels instanceof Uint8Array)) return whole;
  const { x0, x1, y0, y1 } = around(labels, width, height);
  const columns = x1 - x0 + 1;
  const data = new Uint8Array(columns * (y1 - y0 + 1));
  for (let y = y0; y <= y1; y++) data.set(labels.subarray(y * width + x0, y * width + x1 + 1), (y - y0) * columns);
  const extent = [left + x0, left + x1, top + y0, top + y1, ...depth];
  return {
    ...whole,
    getExtent: () => extent,
    getDimensions: () => [columns, y1 - y0 + 1, 1],
    getSpatialExtent: () => extent.map((edge, at) => edge + (at % 2 === 0 ? -0.5 : 0.5)),
    getPointData: () => ({ ...whole.getPointData(), getScalars: () => ({ ...scalars, getData: () => data }) }),
  };
}

/** All labels and the texels next to them; the first texel if there are none. */
function around(labels: Uint8Array, width: number, height: number): Rectangle {
  let [x0, x1, y0, y1] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const [start, end] = [y * width, (y + 1) * width];
    // By hand: with a function for each texel it takes ten times as long, in every drawing of a changed mask.
    let first = start;
    while (first < end && labels[first] === 0) first++;
    if (first === end) continue;
    let last = end - 1;
    while (labels[last] === 0) last--;
    x0 = Math.min(x0, first - start);
    x1 = Math.max(x1, last - start);
    y0 = Math.min(y0, y);
    y1 = y;
  }
  if (y1 < 0) return { x0: 0, x1: 0, y0: 0, y1: 0 };
  return {
    x0: Math.max(0, x0 - 1),
    x1: Math.min(width - 1, x1 + 1),
    y0: Math.max(0, y0 - 1),
    y1: Math.min(height - 1, y1 + 1),
  };
}
