import { z } from 'zod';
import { classify } from './classify.ts';
import { CloudError, explained } from './cloud-error.ts';
import type { CallName } from './failure-rows.ts';
import type { Answer } from './shape-reports.ts';

const envelopeSchema = z.object({
  retCode: z.string(),
  resMsg: z.unknown().optional(),
  msgId: z.string().optional(),
});

export interface Envelope {
  readonly resMsg: unknown;
  readonly msgId: string | null;
  /** For reading `resMsg`. */
  readonly answer: Answer;
}

/**
 * Opens the wrapper of a vehicle call. An HTTP 200 with `retCode` F is a refusal, which bluelinky reports as success;
 * throws `CloudError` for that and for anything that is not the wrapper.
 */
export function openEnvelope(body: unknown, call: CallName, now: number, answer: Answer): Envelope {
  const parsed = answer.readBody(envelopeSchema, body);
  if (parsed === null || parsed.retCode !== 'S') {
    throw explained(new CloudError(classify({ statusCode: 200, body }, { call, now })), answer);
  }
  return { resMsg: parsed.resMsg, msgId: parsed.msgId ?? null, answer: answer.at('resMsg') };
}
