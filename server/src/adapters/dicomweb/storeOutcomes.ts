import { AppError } from '@ohif-medsam/protocol';
import * as z from 'zod';
import type { DicomJson, StoreOutcome } from '../../ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../../ports/dicomJson.ts';
import { FAILURE, failureText } from './failureReasons.ts';

const FAILED = '00081198';
const STORED = '00081199';
const REFERENCED_INSTANCE = '00081155';
const FAILURE_REASON = '00081197';
const WARNING_REASON = '00081196';

const answerSchema = z.record(z.string(), z.object({ vr: z.string(), Value: z.array(z.unknown()).exactOptional() }));

/**
 * What became of each object of a STOW-RS request. Archives answer 400 after storing the good objects and 200 with bad
 * ones among them, so the status decides only where the body says nothing.
 * @param sent - SOP Instance UIDs in the order they were sent.
 * @returns undefined for a success that says nothing of any object: some archives leave the body out, but a sign-in page, too, is one.
 * @throws AppError `archive-refused` where the archive did not take the request at all.
 * @see DICOM PS3.18 section 10.5.3
 */
export function storeOutcomes(sent: readonly string[], status: number, body: string): StoreOutcome[] | undefined {
  const answer = parseAnswer(body);
  const spoke = answer !== undefined && (answer[FAILED] !== undefined || answer[STORED] !== undefined);
  if (!spoke && (status < 200 || status >= 300)) {
    const why = status === 401 || status === 403 ? ' Check the user name and password in the server settings.' : '';
    throw new AppError('archive-refused', `It answered ${status}.${why}`);
  }
  return spoke ? sent.map((sopInstanceUid) => outcomeOf(sopInstanceUid, answer)) : undefined;
}

/** What became of an object, by what the archive found of it afterwards. */
export const outcomeFound = (sopInstanceUid: string, found: readonly DicomJson[]): StoreOutcome =>
  found.some((header) => textOf(header, '00080018') === sopInstanceUid)
    ? { sopInstanceUid, stored: true }
    : refused(sopInstanceUid, FAILURE.processingFailure);

function outcomeOf(sopInstanceUid: string, answer: DicomJson): StoreOutcome {
  const mine = (item: DicomJson) => textOf(item, REFERENCED_INSTANCE) === sopInstanceUid;
  const failed = itemsOf(answer, FAILED).find(mine);
  if (failed) return refused(sopInstanceUid, numberOf(failed, FAILURE_REASON) ?? FAILURE.processingFailure);
  const stored = itemsOf(answer, STORED).find(mine);
  // An object that the answer passes over may or may not be there: storing it again does no harm, believing it is does.
  if (!stored) return refused(sopInstanceUid, FAILURE.processingFailure);
  const warning = numberOf(stored, WARNING_REASON);
  return { sopInstanceUid, stored: true, ...(warning === undefined ? {} : { warning: warningText(warning) }) };
}

const refused = (sopInstanceUid: string, reasonCode: number): StoreOutcome => ({
  sopInstanceUid,
  stored: false,
  reasonCode,
  reason: failureText(reasonCode),
});

const warningText = (code: number): string =>
  `The archive stored it with warning 0x${code.toString(16).toUpperCase()}.`;

function parseAnswer(body: string): DicomJson | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
