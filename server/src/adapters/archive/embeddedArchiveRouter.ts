import { AppError } from '@ohif-medsam/protocol';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Router } from 'express';
import type { Level } from './attributes.ts';
import type { EmbeddedArchive } from './embeddedArchive.ts';
import { parseQuery } from './matching.ts';
import { sendBulkData, sendFrames, sendInstances, sendMetadata } from './retrieve.ts';
import { receiveInstances, type StoreLimits } from './receive.ts';

const STORE_LIMITS: StoreLimits = { partBytes: 1024 ** 3, totalBytes: 8 * 1024 ** 3 };

/** DICOMweb (PS3.18) on the embedded archive: QIDO-RS, WADO-RS and STOW-RS, as far as OHIF and a DICOM-SEG writer need. */
export function embeddedArchiveRouter(archive: EmbeddedArchive, limits = STORE_LIMITS): Router {
  const router = express.Router();
  const search =
    (level: Level): RequestHandler<Record<string, string>> =>
    (request, response) => {
      const parameters = new URL(request.originalUrl, 'http://archive').searchParams;
      const { study: studyUid, series: seriesUid } = request.params;
      const rows = archive.search(level, { studyUid, seriesUid }, parseQuery(parameters, level));
      response
        .type('application/dicom+json')
        .json(rows.map((row) => ({ ...row, ...retrieveUrl(request, level, row) })));
    };
  router.get('/studies', search('study'));
  router.get(['/series', '/studies/:study/series'], search('series'));
  router.get(
    ['/instances', '/studies/:study/instances', '/studies/:study/series/:series/instances'],
    search('instance'),
  );

  const objects = [
    '/studies/:study',
    '/studies/:study/series/:series',
    '/studies/:study/series/:series/instances/:instance',
  ];
  router.get(
    objects.map((path) => `${path}/metadata`),
    (request, response) => sendMetadata(archive, request, response),
  );
  router.get(objects, (request, response) => sendInstances(archive, request, response));
  const instance = '/studies/:study/series/:series/instances/:instance';
  router.get(`${instance}/frames/:frames`, (request, response) => sendFrames(archive, request, response));
  router.get(`${instance}/bulkdata/:tag`, (request, response) => sendBulkData(archive, request, response));
  router.post(['/studies', '/studies/:study'], (request, response) =>
    receiveInstances(archive, limits, request, response),
  );

  router.use(() => {
    throw new AppError('not-found', 'The embedded archive has no such resource.');
  });
  router.use(((error, _request, _response, next) => {
    next(
      error instanceof URIError ? new AppError('input-invalid', 'The address is not percent-encoded UTF-8.') : error,
    );
  }) satisfies ErrorRequestHandler);
  return router;
}

function retrieveUrl(request: Request, level: Level, row: Record<string, { Value?: readonly unknown[] }>) {
  const uid = (tag: string) => String(row[tag]?.Value?.[0]);
  const study = `${request.baseUrl}/studies/${uid('0020000D')}`;
  const series = level === 'study' ? study : `${study}/series/${uid('0020000E')}`;
  return {
    '00081190': { vr: 'UR', Value: [level === 'instance' ? `${series}/instances/${uid('00080018')}` : series] },
  };
}
