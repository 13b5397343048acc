import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'config', 'server');

describe('settings', () => {
  it.each(readdirSync(EXAMPLES).map((name) => [name]))('are read from the example %s', (name) => {
    const { host, archive } = readSettings({ MEDSAM_CONFIG: join(EXAMPLES, name) }, ROOT);
    expect(host).toBe('0.0.0.0');
    expect(archive).toMatchObject({ kind: 'dicomweb', url: 'http://pacs.example.org:8042/dicom-web' });
  });

  it('without a file are those of README.md: this machine only, an archive of its own', () => {
    expect(readSettings({}, ROOT)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      stateFolder: join(ROOT, '.medsam', 'data'),
      allowedOrigins: [],
      archive: { kind: 'embedded', demoStudy: true },
      pixels: 'push',
    });
  });

  describe('in a file', () => {
    let path: string;
    beforeEach(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'medsam-settings-'));
      path = join(folder, 'settings.json');
      return () => rm(folder, { recursive: true });
    });
    const read = async (file: object, env = {}) => {
      await writeFile(path, JSON.stringify(file));
      return readSettings({ MEDSAM_CONFIG: path, ...env }, ROOT);
    };

    it('give way to variables', async () => {
      const file = { port: 4000, stateFolder: '/of/the/file', models: { default: 'own', mirror: 'http://file.org/' } };
      const env = { PORT: '0', MEDSAM_DATA: '/of/the/variable', MEDSAM_MODEL_MIRROR: 'http://variable.org/' };
      expect(await read(file)).toMatchObject(file);
      expect(await read(file, env)).toMatchObject({
        port: 0,
        stateFolder: '/of/the/variable',
        models: { default: 'own', mirror: 'http://variable.org/' },
      });
    });

    it('are refused where one is wrong or unknown, all by their names', async () => {
      const reading = read({ port: 70_000, hots: '0.0.0.0' });
      await expect(reading).rejects.toMatchObject({ code: 'input-invalid', detail: /port[^]*hots|hots[^]*port/ });
    });
  });
});
