import { AppError } from '@ohif-medsam/protocol';
import type { Request, Response } from 'express';
import type { DicomJson } from '../../ports/archive.ts';
import { boundaryOf, readMultipart, type MultipartLimits } from '../dicomweb/multipart.ts';
import type { EmbeddedArchive } from './embeddedArchive.ts';

export type StoreLimits = MultipartLimits;

const RELATED = /^multipart\/related\s*;/i;
const OF_PART_10 = /;\s*type=(application\/dicom|"application\/dicom")\s*(;|$)/i;

/**
 * STOW-RS of Part 10 files, one by one as they arrive. The status sums up; each object's fate is in the answer.
 * @see DICOM PS3.18 section 10.5.3
 */
export async function receiveInstances(
  archive: EmbeddedArchive,
  limits: StoreLimits,
  request: Request,
  response: Response,
): Promise<void> {
  const contentType = request.headers['content-type'];
  const boundary = boundaryOf(contentType);
  if (boundary === undefined || !contentType || !RELATED.test(contentType) || !OF_PART_10.test(contentType)) {
    response.status(415).json({ message: 'Send multipart/related; type="application/dicom".' });
    return;
  }
  const stored: DicomJson[] = [];
  const failed: DicomJson[] = [];
  const { study } = request.params as Record<string, string | undefined>;
  for await (const { body } of readMultipart(request, boundary, limits)) {
    const { outcome, name, sopClassUid } = await archive.storeOne(body, study);
    const reference = {
      ...(sopClassUid ? { '00081150': { vr: 'UI', Value: [sopClassUid] } } : {}),
      ...(name ? { '00081155': { vr: 'UI', Value: [name.sopInstanceUid] } } : {}),
    };
    if (!outcome.stored) failed.push({ ...reference, '00081197': { vr: 'US', Value: [outcome.reasonCode] } });
    else if (name) stored.push({ ...reference, '00081190': { vr: 'UR', Value: [urlOf(request, name)] } });
  }
  if (stored.length + failed.length === 0) throw new AppError('message-invalid', 'The request holds no object.');
  const status = failed.length === 0 ? 200 : stored.length === 0 ? 409 : 202;
  response
    .status(status)
    .type('application/dicom+json')
    .json({
      ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed } } : {}),
      ...(stored.length > 0 ? { '00081199': { vr: 'SQ', Value: stored } } : {}),
    });
}

const urlOf = (request: Request, name: { studyUid: string; seriesUid: string; sopInstanceUid: string }): string =>
  `${request.baseUrl}/studies/${name.studyUid}/series/${name.seriesUid}/instances/${name.sopInstanceUid}`;
