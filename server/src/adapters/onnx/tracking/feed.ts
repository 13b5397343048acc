import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import { bicubicResize } from './bicubicResize.ts';

/** Red, green, blue of ImageNet. */
const MEAN = [0.485, 0.456, 0.406].map(Math.fround);
const DEVIATION = [0.229, 0.224, 0.225].map(Math.fround);

/**
 * The encoder's input as upstream makes it: with constants of float32, in doubles until it is rounded at the end.
 * @returns [3, size, size], channels first; grey is repeated.
 * @see medsam2_infer_3D_CT.py of MedSAM2, resize_grayscale_to_rgb_and_resize
 */
export function trackingTensor(image: SliceImage, size: number): Float32Array {
  const { components } = image;
  const pixels = bicubicResize(image, size);
  const plane = size * size;
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, deviation] = [MEAN[channel]!, DEVIATION[channel]!];
    const values = Float32Array.from({ length: 256 }, (_, grey) => (grey / 255 - mean) / deviation);
    for (let at = 0; at < plane; at++)
      out[channel * plane + at] = values[pixels[at * components + (channel % components)]!]!;
  }
  return out;
}
