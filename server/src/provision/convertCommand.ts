import type { PublishedModel } from './publishedModel.ts';

/**
 * What to type, in the project's folder, to make a model of published weights that the server can load, and to add it.
 * @param file - The weights. @param out - A folder for the model.
 */
export function convertCommand({ convert }: PublishedModel, file: string, out: string): string {
  const command = convert
    .replace(/^python /, '.venv/bin/python ')
    .replace(/\b(FILE|DIR)\b/g, (name) => quoted(name === 'FILE' ? file : out));
  return `  (cd models/python && ${command}) && npm run models -- add ${quoted(out)}`;
}

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
