import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray.js';
import vtkImageData from '@kitware/vtk.js/Common/DataModel/ImageData.js';
import vtkImageMapper from '@kitware/vtk.js/Rendering/Core/ImageMapper.js';
import { describe, expect, it } from 'vitest';
import { labelledPart, type LabelMapper } from './labelledPart.ts';

const WIDTH = 8;
const HEIGHT = 6;

/** A slice of vtk.js, with a label at each of these columns and rows. */
function slice(...labels: (readonly [x: number, y: number])[]) {
  const values = new Uint8Array(WIDTH * HEIGHT);
  const image = vtkImageData.newInstance();
  image.setDimensions(WIDTH, HEIGHT, 1);
  image.getPointData().setScalars(vtkDataArray.newInstance({ values, numberOfComponents: 1 }));
  const whole = vtkImageMapper.newInstance();
  whole.setInputData(image);
  const part = labelledPart(whole as unknown as LabelMapper);
  const label = ([x, y]: readonly [number, number]) => (values[y * WIDTH + x] = 7);
  labels.forEach(label);
  return { image, part, label };
}

const drawn = ({ part }: ReturnType<typeof slice>) => {
  const image = part.getCurrentImage();
  const [columns = 0] = image.getDimensions();
  const labels = Array.from(image.getPointData().getScalars().getData());
  return { extent: image.getExtent(), edges: image.getSpatialExtent(), rows: chunks(labels, columns) };
};
const chunks = (values: number[], length: number): number[][] =>
  values.length === 0 ? [] : [values.slice(0, length), ...chunks(values.slice(length), length)];

describe('the part of a slice that is drawn', () => {
  it('holds all labels and one empty texel around them, where they are in the whole', () => {
    expect(drawn(slice([3, 2], [4, 3]))).toEqual({
      extent: [2, 5, 1, 4, 0, 0],
      edges: [1.5, 5.5, 0.5, 4.5, -0.5, 0.5],
      rows: [
        [0, 0, 0, 0],
        [0, 7, 0, 0],
        [0, 0, 7, 0],
        [0, 0, 0, 0],
      ],
    });
  });

  it('ends where the slice ends', () => {
    const { extent, rows } = drawn(slice([0, 0], [WIDTH - 1, HEIGHT - 1]));
    expect(extent).toEqual([0, WIDTH - 1, 0, HEIGHT - 1, 0, 0]);
    expect(rows.map((row) => row.length)).toEqual(Array.from({ length: HEIGHT }, () => WIDTH));
  });

  it('is one empty texel of an empty slice', () => {
    expect(drawn(slice())).toMatchObject({ extent: [0, 0, 0, 0, 0, 0], rows: [[0]] });
  });

  it('is as the slice is now, and made once for each change', () => {
    const { image, part, label } = slice([3, 2]);
    const first = part.getCurrentImage();
    expect(part.getCurrentImage()).toBe(first);
    label([6, 2]);
    image.modified();
    expect(part.getCurrentImage().getExtent()).toEqual([2, 7, 1, 3, 0, 0]);
  });

  it('is the whole of a volume', () => {
    const { image, part } = slice([3, 2]);
    image.setDimensions(WIDTH, HEIGHT / 2, 2);
    expect(part.getCurrentImage()).toBe(image);
  });

  it('is the whole of a slice with labels in more than 8 bits, as others may have', () => {
    const { image, part } = slice();
    const values = new Uint16Array(WIDTH * HEIGHT).fill(300, 9, 10);
    image.getPointData().setScalars(vtkDataArray.newInstance({ values, numberOfComponents: 1 }));
    image.modified();
    expect(part.getCurrentImage()).toBe(image);
  });

  it('is drawn only: who asks for the slice gets the whole, as painting tools do', () => {
    const { image, part } = slice([3, 2]);
    const asked = part as unknown as ReturnType<typeof vtkImageMapper.newInstance>;
    expect(asked.getInputData()).toBe(image);
    expect(asked.getBounds()).toEqual(image.getBounds());
    expect(part.getCurrentImage().getDimensions()).toEqual([3, 3, 1]);
  });
});
