import { Enums, type Types } from '@cornerstonejs/core';
import { labelledPart, type LabelMapper } from './labelledPart.ts';

/**
 * What vtk.js' own shader answers of a labelmap of 8 bits, as all of ours are, with less work: how far pixels of the screen are from
 * each other in the labelmap is told by the hardware, instead of by two matrices for each of the (2 width + 1)² neighbours that an
 * outline asks for; and where there is no segment, nothing else is asked. (One branch for all: to return or to discard there takes
 * longer where the processor draws.)
 */
const LABELMAP_SHADER = `
  float label = textureLod(texture1, tcoordVCVSOutput, 0.0).r;
  #ifdef vtkImageLabelOutlineOn
    vec2 right = dFdx(tcoordVCVSOutput);
    vec2 up = dFdy(tcoordVCVSOutput);
  #endif
  gl_FragData[0] = vec4(0.0);
  if (label != 0.0) {
    vec3 color = textureLod(colorTexture1, vec2(label * cscale0 + cshift0, 0.5), 0.0).rgb;
    float alpha = textureLod(pwfTexture1, vec2(label * pwfscale0 + pwfshift0, 0.5), 0.0).r * opacity;
    #ifdef vtkImageLabelOutlineOn
      vec2 style = vec2(float(int(label * 255.0) - 1) / 1024.0, 0.5);
      int width = int(textureLod(labelOutlineTexture1, style, 0.0).r * 255.0);
      bool outline = false;
      for (int i = -width; i <= width && !outline; i++)
        for (int j = -width; j <= width && !outline; j++)
          outline = textureLod(texture1, tcoordVCVSOutput + float(i) * right + float(j) * up, 0.0).r != label;
      if (outline) alpha = textureLod(labelOutlineOpacityTexture1, style, 0.0).r;
    #endif
    gl_FragData[0] = vec4(color, alpha);
  }
`;

/** In vtk.js' words: in place of its own piece of the fragment shader. */
const DRAWING = {
  OpenGL: {
    ShaderReplacements: [
      {
        shaderType: 'Fragment',
        originalValue: '//VTK::TCoord::Impl',
        replaceFirst: true,
        replacementValue: LABELMAP_SHADER,
        replaceAll: true,
      },
    ],
  },
};

/** What every mapper of vtk.js has, and its types leave out. */
interface Mapper extends LabelMapper {
  isA(className: string): boolean;
  setViewSpecificProperties(properties: typeof DRAWING): void;
}

/**
 * From now on the labelmaps of stacks are drawn by {@link LABELMAP_SHADER}, and in the pass in which vtk.js draws images. What may be
 * translucent it draws into buffers of its own, to be laid over the rest in any order; a labelmap lies on one image, in a known
 * order, and looks the same without. Of their slices only the labelled part is drawn. Where the processor draws, as in thin clients,
 * shader and pass save more than half of the time of an image with its masks, and the part a quarter of what was left (`bench
 * browser`, nothingChangedToDrawn).
 * @returns What ends it.
 */
export function drawLabelmapsPlainly(): () => void {
  const onActors = (event: Event) => {
    for (const { actor, representationUID } of (event as Types.EventTypes.ActorsChangedEvent).detail.addedActors)
      if (representationUID !== undefined && actor.isA('vtkImageSlice') && 'setForceOpaque' in actor) {
        actor.setForceOpaque(true);
        const mapper = actor.getMapper() as unknown as Mapper | undefined;
        if (!mapper?.isA('vtkImageMapper')) continue;
        mapper.setViewSpecificProperties(DRAWING);
        actor.setMapper(labelledPart(mapper) as never);
      }
  };
  // Of the viewport's element; it does not bubble, but it can be captured.
  document.addEventListener(Enums.Events.ACTORS_CHANGED, onActors, true);
  return () => document.removeEventListener(Enums.Events.ACTORS_CHANGED, onActors, true);
}
