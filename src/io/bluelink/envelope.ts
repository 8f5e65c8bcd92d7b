import { z } from 'zod';
import { classify } from './classify.ts';
import { CloudError } from './cloud-error.ts';
import type { CallName } from './failure-rows.ts';

const envelopeSchema = z.object({
  retCode: z.literal('S'),
  resMsg: z.unknown().optional(),
  msgId: z.string().nullish().catch(null),
});

export interface Envelope {
  readonly resMsg: unknown;
  readonly msgId: string | null;
}

/**
 * Opens the wrapper of a vehicle call. An HTTP 200 with `retCode` F is a refusal, which bluelinky reports as success;
 * throws `CloudError` for that and for anything that is not the wrapper.
 */
export function openEnvelope(body: unknown, call: CallName, now: number): Envelope {
  const parsed = envelopeSchema.safeParse(body);
  if (!parsed.success) throw new CloudError(classify({ statusCode: 200, body }, { call, now }));
  return { resMsg: parsed.data.resMsg, msgId: parsed.data.msgId ?? null };
}
