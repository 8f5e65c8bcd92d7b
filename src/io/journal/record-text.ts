import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { JournalRecord } from '../../actors/ports.ts';

/** A journal record as text, and back: JSON behind a checksum. Bytes are written in base64. */

const SEAL_DIGITS = 8;

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const time = z.number().int();
const key = z.number().int().positive();

const origin = z.object({
  resultTopic: z.string(),
  responseTopic: z.string().nullable(),
  correlationData: bytes.nullable(),
});

/** Kept as it was written: it is told again byte by byte. */
const recordText = z.string().refine((text) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
});

const command = z.object({
  kind: z.literal('command'),
  key,
  id: z.string(),
  isNamed: z.boolean(),
  account: z.string(),
  car: z.string(),
  topicName: z.string(),
  command: z.string(),
  payload: bytes.nullable(),
  fingerprint: z.string(),
  receivedAt: time,
  expiresAt: time.nullable(),
  ignored: z.array(z.string()),
  hint: z.string().nullable(),
  simulated: z.boolean(),
  origin,
  twins: z.array(origin),
  dispatch: z
    .object({
      first: z.string(),
      at: time,
      isGuessed: z.literal(true).optional(),
      calls: z.number().int().positive(),
      taken: z.object({ actionId: z.string().nullable(), at: time }).nullable(),
    })
    .nullable(),
  record: recordText.nullable(),
  isTold: z.boolean(),
});

const message = z.object({
  kind: z.literal('message'),
  key,
  isDoubted: z.boolean().default(false),
  message: z.object({
    topic: z.string(),
    payload: bytes,
    retain: z.boolean(),
    dup: z.boolean(),
    qos: z.union([z.literal(0), z.literal(1)]),
    messageExpiryS: z.number().nullable(),
    responseTopic: z.string().nullable(),
    correlationData: bytes.nullable(),
    receivedAt: time,
  }),
});

const journalRecord = z.discriminatedUnion('kind', [command, message]);

export function textOf(record: JournalRecord): string {
  return sealed(
    JSON.stringify(record, (_, value: unknown) =>
      value instanceof Uint8Array || isSerialisedBuffer(value) ? base64(value) : value,
    ),
  );
}

/** LevelDB's reads do not check what a disk has forgotten: a digit of another time would go unseen. */
export function sealed(json: string): string {
  return `${checksum(json)}${json}`;
}

const checksum = (json: string): string => crc32(json).toString(16).padStart(SEAL_DIGITS, '0');

/** Null for what is no record of ours, or not as we wrote it. */
export function recordOf(text: string): JournalRecord | null {
  try {
    const json = text.slice(SEAL_DIGITS);
    if (text.slice(0, SEAL_DIGITS) !== checksum(json)) return null;
    const parsed = journalRecord.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A Buffer has turned itself into this before a replacer sees it. */
interface SerialisedBuffer {
  readonly type: 'Buffer';
  readonly data: readonly number[];
}

function isSerialisedBuffer(value: unknown): value is SerialisedBuffer {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
}

function base64(value: Uint8Array | SerialisedBuffer): string {
  return Buffer.from(value instanceof Uint8Array ? value : [...value.data]).toString('base64');
}
