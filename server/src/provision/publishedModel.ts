import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, sha256Schema } from '@ohif-medsam/protocol';
import { z } from 'zod';
import { modelIdSchema } from './modelCard.ts';

const publishedSchema = z
  .strictObject({
    id: modelIdSchema,
    title: z.string().min(1).max(64),
    family: z.enum(['embedding', 'tracking']),
    /** Where people read about it. */
    page: z.url({ protocol: /^https$/ }),
    address: z.url({ protocol: /^https$/ }),
    file: z.string().regex(/^\w[\w.-]*$/, 'must be a plain file name'),
    /** Exact, where it is known. */
    bytes: z.int().positive().optional(),
    /** About. */
    megabytes: z.number().positive(),
    sha256: sha256Schema.optional(),
    md5: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be an MD5 in lower-case hex')
      .optional(),
    licence: z.string().min(1).max(200),
    /** What they allow and forbid, in one sentence. */
    terms: z.string().min(1).max(500),
    /** Whom to name. */
    attribution: z.string().min(1).max(300),
    /** Facts above that nobody has compared with the live page. */
    fromMemory: z.array(z.enum(['address', 'file', 'bytes', 'megabytes', 'sha256', 'md5', 'licence', 'terms'])),
    /** Makes of FILE a folder DIR that `npm run models -- add` takes; run in models/python. */
    convert: z.string().regex(/FILE.*DIR/, 'must name FILE and DIR'),
  })
  .readonly();

/** A model whose weights its authors have published: `models/published/<id>.json`. */
export type PublishedModel = z.output<typeof publishedSchema>;

/**
 * @param folder - `models/published`.
 * @returns In the order of their names.
 * @throws AppError `input-invalid` naming the file and what is wrong with it.
 */
export async function readPublished(folder: string): Promise<PublishedModel[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const parsed = publishedSchema.safeParse(JSON.parse(await readFile(join(folder, file), 'utf8')));
      if (!parsed.success) throw new AppError('input-invalid', `${file}: ${z.prettifyError(parsed.error)}`);
      if (`${parsed.data.id}.json` !== file)
        throw new AppError('input-invalid', `${file} describes ${parsed.data.id}.`);
      return parsed.data;
    }),
  );
}
