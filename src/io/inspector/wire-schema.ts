import { z } from 'zod';
import { readStateValue } from './state-value.ts';
import type { Entry } from './wire.ts';

/** Reads entries out of foreign text: a recording, the stream of another process. What is not understood is left out. */

const base = { seq: z.number().int().nonnegative(), at: z.number() };
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const told = z.object({ type: z.string() }).catchall(scalar);
/** As recordings of version 1 have it, null. */
const absent = z
  .string()
  .nullish()
  .transform((id) => id ?? undefined);
const protocol = {
  ...base,
  sessionId: z.string(),
  rootId: z.literal('fleet'),
  createdAt: z.string(),
  id: z.string(),
  _version: z.string(),
};

const entry = z.discriminatedUnion('type', [
  z.object({
    ...protocol,
    type: z.literal('@xstate.actor'),
    parentId: absent,
    name: z.string(),
    kind: z.string(),
    account: z.string().nullable(),
    commandId: z.string().nullable(),
    again: z.boolean(),
    snapshot: z.object({ status: z.literal('active') }),
  }),
  z.object({
    ...protocol,
    type: z.literal('@xstate.event'),
    sourceId: absent,
    event: told,
    commandId: z.string().nullable(),
  }),
  z.object({
    ...protocol,
    type: z.literal('@xstate.snapshot'),
    event: z.object({ type: z.string() }),
    snapshot: z.object({
      status: z.enum(['active', 'done', 'error', 'stopped']),
      value: z.unknown().transform(readStateValue),
      context: z.record(z.string(), scalar),
    }),
    commandId: z.string().nullable(),
    taken: z.array(z.object({ source: z.string(), event: z.string(), targets: z.array(z.string()) })),
    deadlines: z.array(z.object({ name: z.string(), endsAt: z.number() })),
  }),
  z.object({
    ...base,
    type: z.literal('bluelinkd.call'),
    phase: z.enum(['begun', 'ended']),
    call: z.number(),
    name: z.string(),
    account: z.string(),
    carAddress: z.string().nullable(),
    commandId: z.string().nullable(),
    attempt: z.number().nullable(),
    generation: z.number().nullable(),
    scope: z.enum(['access', 'control']).nullable(),
    outcome: z.string().nullable(),
    answer: z.string().nullable(),
    cause: z.string().nullable(),
    durationMs: z.number().nullable(),
  }),
  z.object({
    ...base,
    type: z.literal('bluelinkd.message'),
    direction: z.enum(['in', 'out']),
    topic: z.string(),
    qos: z.union([z.literal(0), z.literal(1)]),
    retain: z.boolean(),
    bytes: z.number(),
    commandId: z.string().nullable(),
    status: z.string().nullable(),
    reason: z.string().nullable(),
  }),
]);

const isJourneys = (type: unknown) => typeof type === 'string' && !['bluelinkd.log', 'bluelinkd.health'].includes(type);

/** Null for what is no entry of a journey. */
export function entryOf(text: string): Entry | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('type' in value) || !isJourneys(value.type)) return null;
    const parsed = entry.safeParse(value);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const header = z.object({ type: z.literal('bluelinkd.recording'), version: z.number() });

/** Whether this is the first line of a recording: its version, null if it is none. */
export function recordingVersion(line: string): number | null {
  try {
    const parsed = header.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.version : null;
  } catch {
    return null;
  }
}
