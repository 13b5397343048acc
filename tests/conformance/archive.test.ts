import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveContract } from '../../server/src/adapters/dicomweb/archiveContract.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { tinySeries } from '../../server/src/adapters/dicomweb/fixtures.ts';
import { orthanc, startOrthanc, type RunningOrthanc } from './orthanc.ts';
import { describeWith } from './tools.ts';

describeWith([orthanc], 'the archive port on a real Orthanc with a password', () => {
  let pacs: RunningOrthanc;
  beforeAll(async () => void (pacs = await startOrthanc()));
  afterAll(() => pacs.close());

  archiveContract(() => dicomWebArchive(pacs.connection));

  it('is refused with a wrong password, and says so', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    const stranger = dicomWebArchive({ ...pacs.connection, password: 'wrong' });
    const refusal = { code: 'archive-refused', detail: expect.stringContaining('password') as string };
    await expect(stranger.searchSeries(file.name.studyUid)).rejects.toMatchObject(refusal);
    await expect(stranger.store(file.name.studyUid, [file.bytes])).rejects.toMatchObject(refusal);
  });

  it('is unreachable while it is down, and takes the same file without a duplicate when it is back', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    const archive = dicomWebArchive(pacs.connection);
    await archive.store(file.name.studyUid, [file.bytes]);
    await pacs.stop();
    await expect(archive.store(file.name.studyUid, [file.bytes])).rejects.toMatchObject({
      code: 'archive-unreachable',
    });
    await pacs.restart();
    expect(await archive.store(file.name.studyUid, [file.bytes])).toMatchObject([{ stored: true }]);
    expect(await archive.seriesMetadata(file.name)).toHaveLength(1);
  });
});
