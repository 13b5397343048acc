import type { ServerResponse } from 'node:http';
import compression from 'compression';
import express, { type Response, type Router } from 'express';
import staticGzip from 'express-static-gzip';
import { basename, join } from 'node:path';

export interface ViewerFolders {
  /** The unpacked, precompressed dist of `@ohif/app`. */
  readonly viewer: string;
  /** Holds `app-config.js`. */
  readonly config: string;
  /** The built extension: `index.umd.js` and `host.js`. */
  readonly extension: string;
}

const YEAR_SECONDS = 31_536_000;
/** Names with a content hash in them never change their content. */
const HASHED_NAME = /(\.|\/)[0-9a-f]{16}\.(js|wasm|woff2|css|ttf|svg|png)(\.gz)?$/;

/**
 * The stock viewer under `/` (its dist assumes that place), our configuration in place of its own and our extension
 * under `/medsam/`. Unknown paths without a file extension are views of the single-page application. Mount it last.
 */
export function viewerRoutes(folders: ViewerFolders): Router {
  const router = express.Router();
  router.get(/\.map$/, (_request, response) => void response.sendStatus(404));
  // What is not compressed beforehand; the stock viewer is.
  router.use(compression());
  router.get('/app-config.js', (_request, response) => sendFresh(response, join(folders.config, 'app-config.js')));
  router.get(/^\/medsam\/(host|index\.umd)\.js$/, (request, response) =>
    sendFresh(response, join(folders.extension, basename(request.path))),
  );
  router.use(
    staticGzip(folders.viewer, {
      index: 'index.html',
      serveStatic: {
        cacheControl: false,
        setHeaders: (response: ServerResponse, path: string) => {
          if (HASHED_NAME.test(path)) response.setHeader('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`);
          else noCache(response);
        },
      },
    }),
  );
  router.get(/^[^.]*$/, (_request, response) => sendFresh(response, join(folders.viewer, 'index.html')));
  return router;
}

/** Revalidate: a rebuilt extension must never meet an old one in the browser's cache. */
const noCache = (response: ServerResponse): void => void response.setHeader('Cache-Control', 'no-cache');

function sendFresh(response: Response, path: string): void {
  response.sendFile(path, { cacheControl: false, dotfiles: 'allow', headers: { 'Cache-Control': 'no-cache' } });
}
