import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Log } from '../../actors/ports.ts';
import type { LiveSession } from './bluelinky-surface.ts';
import { type OnSecret, tellTokens } from './secrets.ts';
import {
  ForeignRecordError,
  isNews,
  latestRecord,
  type Session,
  type SessionRecord,
  type SessionStore,
} from './session-record.ts';

/** What one call is made with. Taken once per call, so that the outcome can name what was really used. */
export interface Credentials {
  readonly generation: number;
  /** Without `Bearer `. */
  readonly accessToken: string;
}

export interface SessionKeeperOptions {
  readonly store: SessionStore;
  /** bluelinky's; null where it is not used for calls. */
  readonly controller: { readonly session: LiveSession } | null;
  readonly log: Log;
  readonly onSecret: OnSecret;
}

/**
 * Holds the account's record: every change is stored first and takes effect after that, one change at a time, so that a
 * crash between "rotated" and "used" loses nothing. bluelinky's live session follows. `bluelinkd login` may store a
 * session meanwhile: whoever has made the newest generation is right, and what was made of an older one is dropped.
 */
export class SessionKeeper {
  readonly #store: SessionStore;
  readonly #controller: SessionKeeperOptions['controller'];
  readonly #log: Log;
  readonly #onSecret: OnSecret;
  readonly #listeners = new Set<() => void>();
  readonly #stopWatching: () => void;
  #record: SessionRecord;
  /** The store belongs to another user name since we started: it is left alone. */
  #isForeign = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(record: SessionRecord, { store, controller, log, onSecret }: SessionKeeperOptions) {
    this.#record = record;
    this.#store = store;
    this.#controller = controller;
    this.#log = log;
    this.#onSecret = onSecret;
    tellTokens(record, onSecret);
    this.#show();
    this.#stopWatching = store.watch((stored) => this.#hear(stored));
  }

  get record(): SessionRecord {
    return this.#record;
  }

  credentials(): Credentials | null {
    const { session, generation } = this.#record;
    return session === null ? null : { generation, accessToken: session.accessToken };
  }

  /** Calls `listener` when another process has stored a session, which is in use from then on. Answers how to stop. */
  onNews(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * A new token: the next generation. Resolves to true once it is stored, and to false when another process has stored a
   * session since the generation `basis`: then that one is in use.
   */
  async renew(session: Session, basis: number, changes: Partial<SessionRecord> = {}): Promise<boolean> {
    let isOurs = false;
    await this.#change((record) => {
      isOurs = record.generation === basis;
      return isOurs ? { ...record, ...changes, session, generation: record.generation + 1 } : record;
    });
    return isOurs;
  }

  /** Changes what is not a token. Resolves to false when it could not be stored (it holds for this run all the same). */
  update(change: (record: SessionRecord) => Partial<SessionRecord>): Promise<boolean> {
    return this.#change((record) => ({ ...record, ...change(record) }));
  }

  isPinRefused(pin: string): boolean {
    const { refusedPin } = this.#record;
    if (refusedPin === null) return false;
    const known = Buffer.from(refusedPin.hash, 'hex');
    const asked = Buffer.from(hashPin(pin, refusedPin.salt), 'hex');
    return known.length === asked.length && timingSafeEqual(known, asked);
  }

  async rememberRefusedPin(pin: string): Promise<void> {
    const salt = randomBytes(16).toString('hex');
    await this.update(() => ({ refusedPin: { salt, hash: hashPin(pin, salt) } }));
  }

  /** Stops listening to other processes. Resolves when all changes have been stored. */
  async close(): Promise<void> {
    this.#stopWatching();
    this.#listeners.clear();
    await this.#tail;
  }

  #change(change: (record: SessionRecord) => SessionRecord): Promise<boolean> {
    const step = this.#tail.then(async () => {
      const made = (basis: SessionRecord) => {
        const next = change(basis);
        tellTokens(next, this.#onSecret);
        return { basis, next };
      };
      let result: ReturnType<typeof made> | null = null;
      let stored = true;
      try {
        await this.#store.change((found) => {
          if (this.#isForeign) throw new ForeignRecordError();
          result = made(latestRecord(this.#record, found));
          return result.next;
        });
      } catch (error) {
        stored = false;
        this.#isForeign ||= error instanceof ForeignRecordError;
        const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        // The old tokens are dead on the server already: going on with the new ones in memory is the lesser harm.
        this.#log.write('error', 'The session could not be stored; a restart will need a new login.', { cause });
      }
      const { basis, next } = result ?? made(this.#record);
      const hasNews = isNews(this.#record, basis);
      this.#take(next);
      if (hasNews) this.#tellNews();
      return stored;
    });
    this.#tail = step;
    return step;
  }

  /** Another process has stored this; or we have, and hear of it ourselves. */
  #hear(stored: SessionRecord): void {
    this.#tail = this.#tail.then(() => {
      if (!isNews(this.#record, stored)) return;
      if (stored.owner !== this.#record.owner) {
        this.#isForeign = true;
        this.#log.write(
          'warn',
          'The stored session is now that of another user name, so it is not taken over: restart when the configuration has been changed.',
        );
        return;
      }
      tellTokens(stored, this.#onSecret);
      this.#take(stored);
      this.#tellNews();
    });
  }

  #take(record: SessionRecord): void {
    this.#record = record;
    this.#show();
  }

  #tellNews(): void {
    this.#log.write('debug', 'A session that was stored beside us is in use now.', {
      generation: this.#record.generation,
    });
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#log.write('error', 'Whoever should hear of a new session failed.', { error });
      }
    }
  }

  /** bluelinky builds its headers from its own session object, anew for every call. */
  #show(): void {
    if (this.#controller === null) return;
    const { session, deviceId, clientUuid } = this.#record;
    Object.assign(this.#controller.session, {
      accessToken: session === null ? undefined : `Bearer ${session.accessToken}`,
      refreshToken: undefined,
      tokenExpiresAt: session === null ? 0 : Math.floor(session.expiresAt / 1000),
      controlToken: undefined,
      controlTokenExpiresAt: 0,
      deviceId: deviceId ?? clientUuid,
    });
  }
}

function hashPin(pin: string, salt: string): string {
  return createHash('sha256').update(`${salt}:${pin}`).digest('hex');
}
