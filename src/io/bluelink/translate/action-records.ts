import { z } from 'zod';
import type { RecordWord } from '../../../machines/domain/command.ts';
import type { Answer } from '../shape-reports.ts';

/** The result is null while nobody knows it. */
const recordSchema = z.object({ recordId: z.string(), result: z.string().nullish() });
const recordsSchema = z.array(recordSchema.optional());

/** The word of one action in `resMsg` of the action records; null if it is no list of records. */
export function translateActionRecords(resMsg: unknown, actionId: string, answer: Answer): RecordWord | null {
  const records = answer.read(recordsSchema, resMsg);
  if (records === null) return null;
  const record = records.find((entry) => entry?.recordId === actionId);
  return record === undefined ? 'missing' : wordOf(record.result);
}

/** An unknown word decides nothing. */
function wordOf(result: string | null | undefined): RecordWord {
  switch (result?.toLowerCase()) {
    case 'success':
      return 'success';
    case 'fail':
      return 'fail';
    case 'non-response':
      return 'nonResponse';
    default:
      return 'pending';
  }
}
