import { z } from 'zod';
import type { RecordWord } from '../../../machines/domain/command.ts';
import { list } from './scalars.ts';

const recordSchema = z.object({ recordId: z.string(), result: z.unknown().optional() });
const recordsSchema = z.array(z.unknown()).transform((items) => list(recordSchema).parse(items));

/** The word of one action in `resMsg` of the action records; null if it is no list of records. */
export function translateActionRecords(resMsg: unknown, actionId: string): RecordWord | null {
  const parsed = recordsSchema.safeParse(resMsg);
  if (!parsed.success) return null;
  const record = parsed.data.find(({ recordId }) => recordId === actionId);
  return record === undefined ? 'missing' : wordOf(record.result);
}

/** An unknown word decides nothing. */
function wordOf(result: unknown): RecordWord {
  switch (typeof result === 'string' ? result.toLowerCase() : null) {
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
