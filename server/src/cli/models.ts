/**
 * The models that the server can use:
 * `npm run models -- list | add FILE_OR_DIR | fetch ID | verify | remove ID  [--accept]`
 * A running server notices by itself what changes. `--accept` answers the question about the terms, for scripts.
 */
import { join } from 'node:path';
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, toWireError } from '@ohif-medsam/protocol';
import { checkModel } from '../adapters/onnx/checkModel.ts';
import {
  addModel,
  convertCommand,
  fetchModel,
  findCards,
  listModels,
  readPublished,
  removeModel,
  termsText,
  throughProxies,
  verifyModels,
  type AskConsent,
} from '../provision/index.ts';
import { modelFoldersOf, readSettings } from '../settings.ts';
import { bytesProgress } from './progress.ts';
import { textTable } from './textTable.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const USAGE = 'npm run models -- list | add FILE_OR_DIR | fetch ID | verify | remove ID  [--accept]';
/** What a shell gives for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  await run();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.exitCode = error.code === 'cancelled' ? INTERRUPTED : 1;
  const { message, detail, remedy } = toWireError(error);
  const said =
    error.code === 'input-invalid'
      ? [detail]
      : error.code === 'cancelled'
        ? [message, detail]
        : [message, detail, remedy];
  console.error(said.filter(Boolean).join('\n'));
}

async function run(): Promise<void> {
  const { positionals, values } = parseOptions();
  const [command, subject, ...rest] = positionals;
  const settings = readSettings(process.env, ROOT);
  const folders = modelFoldersOf(settings, ROOT);
  const published = await readPublished(join(ROOT, 'models', 'published'));
  const askConsent = consentFrom(values.accept);
  const needsSubject = ['add', 'fetch', 'remove'].includes(command ?? '');
  if (rest.length > 0 || (subject !== undefined) !== needsSubject) throw new AppError('input-invalid', USAGE);
  switch (command ?? '') {
    case 'list':
      return console.log(tableOf(await listModels(folders, published)));
    case 'add': {
      for (const card of await findCards(subject ?? '', published)) {
        const { card: added } = await addModel(card, { folders, checkModel, askConsent });
        console.log(`${added.id} ${added.version} is installed; a running server offers it in a moment.`);
      }
      return;
    }
    case 'fetch': {
      const model = published.find(({ id }) => id === subject);
      if (!model) throw new AppError('input-invalid', `Published are: ${published.map(({ id }) => id).join(', ')}.`);
      const onProgress = bytesProgress(model.file);
      const dispatcher = throughProxies(process.env);
      const { mirror } = settings.models;
      const ports = { folders, mirror, askConsent, dispatcher, signal: stop.signal, onProgress };
      const { file, sha256 } = await fetchModel(model, ports);
      if (model.sha256 === undefined && model.md5 === undefined)
        console.log(`No hash of this file is known. Compare SHA-256 ${sha256} with ${model.page}`);
      console.log(`${file}\nTo convert and add it (models/README.md says how to make .venv once):`);
      return console.log(convertCommand(model, file, join(folders.installed, 'exported', model.id)));
    }
    case 'verify': {
      for await (const { name, problems } of verifyModels(folders, checkModel)) {
        console.log(problems.length === 0 ? `${name}: good` : `${name}: ${problems.join('\n  ')}`);
        if (problems.length > 0) process.exitCode = 1;
      }
      return;
    }
    case 'remove':
      await removeModel(subject ?? '', folders);
      return console.log(`${subject ?? ''} is removed; viewers that used it go on with the default model.`);
    default:
      throw new AppError('input-invalid', USAGE);
  }
}

function parseOptions() {
  try {
    return parseArgs({ allowPositionals: true, options: { accept: { type: 'boolean', default: false } } });
  } catch (cause) {
    throw new AppError('input-invalid', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

/** Shows the terms always; asks, unless the answer was given, and does not take silence for one. */
function consentFrom(accepted: boolean): AskConsent {
  return async (terms) => {
    console.log(termsText(terms));
    if (accepted) return;
    if (!stdin.isTTY) throw new AppError('terms-not-accepted', 'There is no terminal to ask on.');
    const terminal = createInterface({ input: stdin, output: stdout });
    try {
      const answer = await terminal.question('Accept these terms? [y/N] ', { signal: stop.signal });
      if (!/^y(es)?$/i.test(answer.trim())) throw new AppError('terms-not-accepted');
    } catch (error) {
      throw error instanceof AppError ? error : new AppError('cancelled');
    } finally {
      terminal.close();
    }
  };
}

function tableOf(models: Awaited<ReturnType<typeof listModels>>): string {
  const head = ['id', 'title', 'version', 'family', 'variants', 'licence', 'where'];
  const rows = models.map(({ id, title, version, family, variants, licence, where }) => [
    id,
    title,
    version || '-',
    family,
    variants.join(' ') || '-',
    licence,
    where,
  ]);
  return textTable(head, rows);
}
