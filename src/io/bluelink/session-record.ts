import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A token must be fit for a header. */
const token = z.string().regex(/^[\x21-\x7e]{1,8192}$/);

/** The token set of the OneApp backend: all of it rotates on every refresh. */
export const oneAppGrantSchema = z.object({
  kind: z.literal('oneApp'),
  accessToken: token,
  refreshToken: token,
  exchangeableAccessToken: token.nullable(),
  exchangeableRefreshToken: token.nullable(),
  nonCcsToken: token.nullable(),
  nonCcsRefreshToken: token.nullable(),
  idToken: token.nullable(),
});
export type OneAppGrant = z.infer<typeof oneAppGrantSchema>;

/** What renews a session, and where: at the vehicle API, the identity provider, the OneApp backend, or the US cloud. */
export const grantSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('vehicleApi'), refreshToken: token }),
  z.object({ kind: z.literal('identity'), refreshToken: token }),
  oneAppGrantSchema,
  z.object({ kind: z.literal('hata'), refreshToken: token }),
]);
export type Grant = z.infer<typeof grantSchema>;

export const sessionSchema = z.object({
  /** The name of the login flow that made it. */
  flow: z.string(),
  /** Without `Bearer `. */
  accessToken: token,
  /** Epoch ms. */
  expiresAt: z.number().int(),
  grant: grantSchema.nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

/** All that is kept of one account between two runs. */
export const sessionRecordSchema = z.object({
  /** Hash of region, brand and user name (`ownerOf`): a session of somebody else is not used. */
  owner: z.string(),
  /** The highest generation ever: it outlives the session that had it. */
  generation: z
    .number()
    .int()
    .nonnegative()
    .max(Number.MAX_SAFE_INTEGER - 1),
  session: sessionSchema.nullable(),
  /** What the cloud calls this device; null until registered. */
  deviceId: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .nullable(),
  /** Which of the app's stamp keys the cloud accepts; absent: the first. */
  stampKey: z.number().int().min(0).max(9).optional(),
  /** Our own name for this device: sent at registration and to the OneApp backend. */
  clientUuid: z.uuid(),
  /** When the server answered a login, epoch ms: the login budget. */
  logins: z.array(z.number().int()).max(1_000),
  /** When the server answered a refresh or login, epoch ms: the limit of visits to `refreshing`. */
  visits: z.array(z.number().int()).max(1_000).default([]),
  /** Salted hash of a PIN that the cloud refused: it is not asked again, the vendor would lock it. */
  refusedPin: z.object({ salt: z.string(), hash: z.string() }).nullable(),
});
export type SessionRecord = z.infer<typeof sessionRecordSchema>;

/** Bumped when the shape changes; the store refuses a newer one. */
export const SESSION_RECORD_VERSION = 1;

/** Where the record is kept. A file in production, which `bluelinkd login` writes, too; memory in tests. */
export interface SessionStore {
  /** The record, or null without one; never rejects for a damaged one (that is reported and set aside). */
  load(): Promise<SessionRecord | null>;
  /**
   * Replaces the record by what `next` makes of the stored one; no other process changes it in between. Resolves when
   * it is safe on the disk. Rejects when it cannot be kept, and with what `next` throws.
   */
  change(next: (stored: SessionRecord | null) => SessionRecord): Promise<SessionRecord>;
  /** Hears of the records that other processes store, until the answered function is called. */
  watch(listener: (record: SessionRecord) => void): () => void;
}

export function emptyRecord(owner: string, clientUuid: string): SessionRecord {
  return { owner, generation: 0, session: null, deviceId: null, clientUuid, logins: [], visits: [], refusedPin: null };
}

/** Whose record it is. Europe's is what it was when there was no other region. */
export function ownerOf({ region, brand, username }: { region: string; brand: string; username: string }): string {
  const name = `${brand}:${username.toLowerCase()}`;
  return createHash('sha256')
    .update(region === 'EU' ? name : `${region}:${name}`)
    .digest('hex');
}

export function parseSessionRecord(document: unknown): SessionRecord | null {
  const parsed = sessionRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** What is left of a record when the account's user name has changed: the generation, which never goes back. */
export function recordFor(owner: string, record: SessionRecord | null, clientUuid: string): SessionRecord {
  if (record === null) return emptyRecord(owner, clientUuid);
  return record.owner === owner ? record : { ...emptyRecord(owner, clientUuid), generation: record.generation };
}

/** The store holds a session of another user name that is newer than ours: the configuration has changed under us. */
export class ForeignRecordError extends Error {
  readonly code = 'another user name';

  constructor() {
    super('The stored session is that of another user name.');
  }
}

/** Whether another process has stored a session since we had ours. */
export function isNews(ours: SessionRecord, stored: SessionRecord): boolean {
  return stored.generation > ours.generation && stored.session !== null;
}

/**
 * What a change is made to. The counters are those of the store: every process counts there. The session is ours,
 * which may have been renewed without being stored, unless the other one is newer: then it is taken with all that
 * belongs to it.
 *
 * @throws `ForeignRecordError`
 */
export function latestRecord(ours: SessionRecord, stored: SessionRecord | null): SessionRecord {
  if (stored === null) return ours;
  if (stored.owner !== ours.owner) {
    if (isNews(ours, stored)) throw new ForeignRecordError();
    return ours;
  }
  if (isNews(ours, stored)) return stored;
  return { ...ours, logins: stored.logins, visits: stored.visits };
}

const countersSchema = z.object({
  owner: sessionRecordSchema.shape.owner,
  generation: sessionRecordSchema.shape.generation.catch(0),
  logins: sessionRecordSchema.shape.logins.catch([]),
  refusedPin: sessionRecordSchema.shape.refusedPin.catch(null),
  clientUuid: sessionRecordSchema.shape.clientUuid,
});

/**
 * What a damaged, foreign or previous document is still good for: the counters. The tokens in it are not used. The
 * generation goes one up, because a previous document may be one behind.
 */
export function salvageSessionRecord(document: unknown): SessionRecord | null {
  const parsed = countersSchema.safeParse(document);
  if (!parsed.success) return null;
  const { owner, generation, logins, refusedPin, clientUuid } = parsed.data;
  return { ...emptyRecord(owner, clientUuid), generation: generation + 1, logins, refusedPin };
}
