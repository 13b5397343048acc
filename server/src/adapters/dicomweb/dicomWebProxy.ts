import type { ServerResponse } from 'node:http';
import { AppError, toWireError } from '@ohif-medsam/protocol';
import express, { type Router } from 'express';
import { createProxyMiddleware, responseInterceptor, type Options } from 'http-proxy-middleware';
import { authorizationOf, rootOf, type DicomWebConnection } from './dicomWebClient.ts';

/** Answers that hold URLs: searches and metadata. Everything else streams through untouched. */
const HOLDS_URLS = /\/(studies|series|instances|metadata)$/;

/** BulkDataURI and RetrieveURL, up to and including the archive's DICOMweb root. */
const ABSOLUTE_URL = /"https?:\/\/[^"/]+([^"]*?)(?=\/studies\/)/g;

/**
 * The PACS under our own origin: the viewer needs neither its address, nor its password, nor CORS. Mount it where the
 * viewer looks for DICOMweb.
 */
export function dicomWebProxy(connection: DicomWebConnection): Router {
  const router = express.Router();
  const options = proxyOptions(connection);
  const streaming = createProxyMiddleware(options);
  const rewrite = responseInterceptor((body, answer, request) => {
    const mountedAt = (request as express.Request).baseUrl;
    const isJson = answer.headers['content-type']?.includes('json');
    return Promise.resolve(isJson ? body.toString('utf8').replace(ABSOLUTE_URL, `"${mountedAt}`) : body);
  });
  const rewriting = createProxyMiddleware({
    ...options,
    selfHandleResponse: true,
    on: { ...options.on, proxyRes: (...answer) => void rewrite(...answer) },
  });
  router.use((request, response, next) =>
    request.method === 'GET' && HOLDS_URLS.test(request.path)
      ? rewriting(request, response, next)
      : streaming(request, response, next),
  );
  return router;
}

function proxyOptions(connection: DicomWebConnection): Options {
  const authorization = authorizationOf(connection);
  return {
    target: rootOf(connection),
    // The archive keeps seeing the address that the viewer used; with its own it would point viewers past this proxy.
    changeOrigin: false,
    proxyTimeout: connection.timeoutMs,
    // Orthanc does not decode the commas of `includefield=a%2Cb`; they need no encoding in a query (RFC 3986).
    pathRewrite: (path) => path.replace(/%2C/gi, ','),
    on: {
      proxyReq: (request) => {
        request.removeHeader('cookie');
        if (authorization) request.setHeader('Authorization', authorization);
      },
      error: (error, _request, response) => {
        if (!('writeHead' in response)) return void response.destroy();
        refuse(response, error);
      },
    },
  };
}

function refuse(response: ServerResponse, error: Error): void {
  if (response.headersSent) return void response.destroy();
  const timedOut = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ETIMEDOUT');
  const failure = new AppError(timedOut ? 'archive-timeout' : 'archive-unreachable');
  response.writeHead(failure.status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: toWireError(failure) }));
}
