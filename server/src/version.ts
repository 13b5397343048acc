import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** As package.json has it: stands in every DICOM-SEG as Software Versions (0018,1020). */
export const VERSION = z.object({ version: z.string() }).parse(manifest).version;
