import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError, EMBEDDED_MODEL_ID } from '@ohif-medsam/protocol';
import { z } from 'zod';
import { PROVIDERS, VARIANTS } from './adapters/onnx/cardParts.ts';

const MEGABYTE = 1024 * 1024;

const archiveSchema = z.discriminatedUnion('kind', [
  /** Files below the state folder: for demonstration and development. */
  z.strictObject({ kind: z.literal('embedded'), demoStudy: z.boolean().default(true) }),
  z.strictObject({
    kind: z.literal('dicomweb'),
    /** Root of the PACS's DICOMweb service, for example http://pacs:8042/dicom-web */
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => new URL(url).username === '', 'give user and password as "username" and "password"'),
    username: z.string().optional(),
    password: z.string().optional(),
    bearerToken: z.string().optional(),
    timeoutMs: z.int().min(100).default(30_000),
  }),
]);

const settingsSchema = z.strictObject({
  /** Only this machine by default: there is no sign-in yet. Behind a reverse proxy or in a container, 0.0.0.0. */
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  stateFolder: z
    .string()
    .min(1)
    .transform((folder) => resolve(folder)),
  /** Origins such as https://viewer.example.org that a reverse proxy has: where it does not pass the Host header on, or where it is on
   * this machine and the server listens to nobody else. */
  allowedOrigins: z.array(z.url().transform((url) => new URL(url).origin)).default([]),
  archive: archiveSchema.prefault({ kind: 'embedded' }),
  /** Whether viewers push pixels, or the server pulls them from the archive: for viewers far away from both. What the archive
   * refuses is pushed. */
  pixels: z.enum(['push', 'pull']).default('push'),
  /** Where documents are kept: in the state folder, or in a PostgreSQL server, for example postgres://user@host/medsam */
  documents: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded') }),
      z.strictObject({ kind: z.literal('postgres'), url: z.url({ protocol: /^postgres(ql)?$/ }) }),
    ])
    .prefault({ kind: 'embedded' }),
  models: z
    .strictObject({
      /** Folder with `cards/*.json` and the files they name; the models that come with the project by default. Beside it,
       * `models` of the state folder is read, where `npm run models` installs. */
      folder: z.string().optional(),
      /** Id of the model used when a viewer asks for none; where the folder lacks it, the first usable one. */
      default: z.string().default(EMBEDDED_MODEL_ID),
      /** Base address of a copy of the published weights within the house, `<mirror>/<model>/<file>`; may be http. */
      mirror: z.url({ protocol: /^https?$/ }).optional(),
      /**
       * Which files are used of a model that comes in several: as trained (fp32), stored in 16 bits (fp16), or computed with in 8
       * bits (int8), which is up to twice as fast on a processor and less exact. Where a model lacks it, another is used. `auto`: what
       * the model's card prefers where it runs, else fp32.
       */
      variant: z.enum(['auto', ...VARIANTS]).default('auto'),
      /** Processes that run models: with several GPUs one for each, since process n runs on GPU n. On a processor, one is quickest. */
      engines: z.int().min(1).max(16).default(1),
      /** What models run on; the first that is there and computes right. TensorRT and CUDA need their libraries installed. */
      providers: z.array(z.enum(PROVIDERS)).min(1).default(['cpu']),
    })
    .prefault({}),
  viewer: z.strictObject({
    /** Where the stock viewer is unpacked once; not state, may be thrown away. */
    cacheFolder: z.string().min(1),
  }),
  limits: z
    .strictObject({
      sliceCacheBytes: z
        .int()
        .min(MEGABYTE)
        .default(1024 * MEGABYTE),
      /** What models with an embedding computed of slices; 4 MB for each slice of MedSAM. */
      embeddingCacheBytes: z
        .int()
        .min(MEGABYTE)
        .default(256 * MEGABYTE),
      /** Per connection. Slices come in bursts, so this guards against run-away clients, not against use. */
      messagesPerSecond: z.int().min(1).default(500),
      /** Per connection; a fast page pushes some 100 MB a second. */
      bytesPerSecond: z
        .int()
        .min(MEGABYTE)
        .default(256 * MEGABYTE),
      /** Most pages that may be connected at once. */
      connections: z.int().min(1).default(200),
      slicePushTimeoutMs: z.int().min(100).default(15_000),
    })
    .prefault({}),
  log: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
});

export type Settings = Readonly<z.output<typeof settingsSchema>>;
export type ArchiveSettings = Settings['archive'];

/** The project's models, or those that the settings name, and the folder beside them that models are installed into. */
export const modelFoldersOf = ({ models, stateFolder }: Settings, root: string) => ({
  embedded: models.folder ?? join(root, 'models'),
  installed: join(stateFolder, 'models'),
});

/**
 * Settings from the JSON file named by MEDSAM_CONFIG, then PORT, MEDSAM_DATA and MEDSAM_MODEL_MIRROR over it.
 * @param root - The project's folder; state is kept in `.medsam` below it unless MEDSAM_DATA says otherwise.
 * @throws AppError `input-invalid` naming every setting that is wrong.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>, root: string): Settings {
  const file = env['MEDSAM_CONFIG'] ? readConfigFile(resolve(env['MEDSAM_CONFIG'])) : {};
  const mirror = env['MEDSAM_MODEL_MIRROR'];
  const parsed = settingsSchema.safeParse({
    stateFolder: resolve(root, '.medsam', 'data'),
    viewer: { cacheFolder: resolve(root, '.medsam', 'viewer') },
    ...file,
    ...(env['PORT'] ? { port: Number(env['PORT']) } : {}),
    ...(env['MEDSAM_DATA'] ? { stateFolder: env['MEDSAM_DATA'].replace(/^~(?=\/)/, homedir()) } : {}),
    ...(mirror ? { models: { ...file.models, mirror } } : {}),
  });
  if (!parsed.success) throw new AppError('input-invalid', `Settings:\n${z.prettifyError(parsed.error)}`);
  return Object.freeze(parsed.data);
}

function readConfigFile(path: string): { readonly models?: object } {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw new AppError('input-invalid', `MEDSAM_CONFIG ${path}: ${error instanceof Error ? error.message : ''}`);
  }
  throw new AppError('input-invalid', `MEDSAM_CONFIG ${path}: must hold one JSON object.`);
}
