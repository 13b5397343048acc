import { AppError, toWireError } from '@ohif-medsam/protocol';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { logFailure } from './transport/logFailure.ts';
import type { OwnPages } from './transport/ownPages.ts';

export interface AppParts {
  /** DICOMweb: the embedded archive or the proxy to the PACS. */
  readonly dicomWeb: Router;
  readonly viewer: Router;
  readonly health: () => Promise<object>;
  readonly metrics: () => Promise<string>;
  readonly pages: OwnPages;
  readonly log: Logger;
}

/** Everything over HTTP, one origin. Opens no port, so tests can mount it on any. */
export function createApp({ dicomWeb, viewer, health, metrics, pages, log }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet(security(pages)));
  app.use(({ headers }, _response, next) => {
    if (pages.knows(headers)) return next();
    // A proxy on this machine that is not in the settings looks like this too.
    log.warn({ host: headers.host }, 'a request by an unknown name was refused');
    next(new AppError('host-unknown'));
  });
  app.use(({ method, headers }, _response, next) => {
    if (CHANGES_NOTHING.has(method) || pages.sent(headers)) return next();
    log.warn({ origin: headers.origin, host: headers.host }, 'a page of another site was refused');
    next(new AppError('origin-unknown'));
  });
  app.get('/health', async (_request, response) => void response.json(await health()));
  app.get(
    '/metrics',
    async (_request, response) => void response.type('text/plain; version=0.0.4').send(await metrics()),
  );
  app.use(
    '/dicom-web',
    compression({ filter: (_request, response) => isJson(response.getHeader('content-type')) }),
    dicomWeb,
  );
  app.use(viewer);
  app.use(reportError(log));
  return app;
}

/** Other sites may send these: they cannot read what is answered. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const isJson = (type: unknown): boolean => typeof type === 'string' && type.includes('json');

/**
 * The stock viewer needs eval (its codecs), inline styles, and workers from blobs. Nothing may be loaded from another
 * host: departments work offline, and a page that shows patients talks to nobody else.
 */
const security = (pages: OwnPages): Parameters<typeof helmet>[0] => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'unsafe-inline'", "'unsafe-eval'", 'blob:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", ({ headers }) => pages.sockets(headers), 'data:', 'blob:'],
      workerSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      frameAncestors: ["'self'"],
    },
  },
  // Plain http inside the department's network stays usable; a proxy with TLS sets its own.
  strictTransportSecurity: false,
  originAgentCluster: false,
  crossOriginOpenerPolicy: false,
});

const reportError = (log: Logger): ErrorRequestHandler => {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    logFailure(log, error, { method: request.method });
    response.status(error instanceof AppError ? error.status : 500).json({ error: toWireError(error) });
  };
};
