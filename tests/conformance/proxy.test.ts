import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { dicomWebProxy } from '../../server/src/adapters/dicomweb/dicomWebProxy.ts';
import { tinySeries } from '../../server/src/adapters/dicomweb/fixtures.ts';
import { orthanc, startOrthanc, type RunningOrthanc } from './orthanc.ts';
import { describeWith } from './tools.ts';

describeWith([orthanc], 'the proxy in front of a real Orthanc', () => {
  let pacs: RunningOrthanc;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    pacs = await startOrthanc();
    server = express()
      .use(
        '/dicom-web',
        dicomWebProxy(pacs.connection, () => undefined),
      )
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(async () => {
    server.close();
    await pacs.close();
  });

  it('serves what a viewer asks for, without a password, on its own origin', async () => {
    const files = tinySeries(2);
    const name = files[0]?.name ?? { studyUid: '', seriesUid: '', sopInstanceUid: '' };
    const throughProxy = dicomWebArchive({ url: `${url}/dicom-web`, timeoutMs: 10_000 });
    const outcomes = await throughProxy.store(
      name.studyUid,
      files.map(({ bytes }) => bytes),
    );
    expect(outcomes.every(({ stored }) => stored)).toBe(true);
    // As the viewer's study list asks.
    const query = 'limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030';
    const studies = await fetch(`${url}/dicom-web/studies?${query}&PatientName=*Gr*`);
    expect(await studies.json()).toHaveLength(1);
    const [header] = await throughProxy.seriesMetadata(name);
    const bulkData = header?.['7FE00010']?.BulkDataURI ?? '';
    expect(bulkData).toMatch(/^\/dicom-web\/studies\//);
    expect((await fetch(`${url}${bulkData}`)).status).toBe(200);
    expect(Buffer.compare(await throughProxy.instance(name), files[0]?.bytes ?? new Uint8Array())).toBe(0);
  });
});
