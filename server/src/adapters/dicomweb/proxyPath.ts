import { AppError } from '@ohif-medsam/protocol';

/** Search and retrieve (PS3.18 sections 10.6 and 10.4), store (10.5). */
const READ = /^\/(studies|series|instances)(\/[^/]+)*$/;
const STORE = /^\/studies(\/[^/]+)?$/;

/**
 * Whatever an archive or something in front of it could take for a way out of its DICOMweb root. A semicolon begins parameters, which
 * servlet containers take off before they look where a path leads (`..;`); no DICOMweb path has one.
 */
const LEADS_OUT = /(^|\/)\.{1,2}(\/|$)|\/\/|[\\;]|%2e|%2f|%3b|%5c|%25/i;

/**
 * Path and query of a viewer's request as the archive gets them.
 * @param url - Below the place where the proxy is mounted, beginning with a slash.
 * @throws AppError `message-invalid` for a method, `not-found` for a path that is not passed on.
 */
export function proxyPath(method: string, url: string): string {
  const path = url.replace(/\?.*$/s, '');
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead && method !== 'POST') throw new AppError('message-invalid', `${method} is not passed on to the archive.`);
  if (LEADS_OUT.test(path) || !(isRead ? READ : STORE).test(path))
    throw new AppError('not-found', 'Only DICOMweb search, retrieve and store are passed on.');
  // Orthanc does not decode the commas of `includefield=a%2Cb`; they need no encoding in a query (RFC 3986).
  return url.replace(/%2C/gi, ',');
}
