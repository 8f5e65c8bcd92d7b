import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Log } from '../../actors/ports.ts';
import type { EuropeController } from './bluelinky-surface.ts';
import { type OnSecret, tellTokens } from './secrets.ts';
import type { Session, SessionRecord, SessionStore } from './session-record.ts';

/** What one call is made with. Taken once per call, so that the outcome can name what was really used. */
export interface Credentials {
  readonly generation: number;
  /** Without `Bearer `. */
  readonly accessToken: string;
}

export interface SessionKeeperOptions {
  readonly store: SessionStore;
  readonly controller: EuropeController;
  readonly log: Log;
  readonly onSecret: OnSecret;
}

/**
 * Holds the account's record: every change is stored first and takes effect after that, one change at a time, so that a
 * crash between "rotated" and "used" loses nothing. bluelinky's live session follows.
 */
export class SessionKeeper {
  readonly #store: SessionStore;
  readonly #controller: EuropeController;
  readonly #log: Log;
  readonly #onSecret: OnSecret;
  #record: SessionRecord;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(record: SessionRecord, { store, controller, log, onSecret }: SessionKeeperOptions) {
    this.#record = record;
    this.#store = store;
    this.#controller = controller;
    this.#log = log;
    this.#onSecret = onSecret;
    tellTokens(record, onSecret);
    this.#show();
  }

  get record(): SessionRecord {
    return this.#record;
  }

  credentials(): Credentials | null {
    const { session, generation } = this.#record;
    return session === null ? null : { generation, accessToken: session.accessToken };
  }

  /** A new token: the next generation. Answers it once the session is stored. */
  async renew(session: Session, changes: Partial<SessionRecord> = {}): Promise<number> {
    await this.#change((record) => ({ ...record, ...changes, session, generation: record.generation + 1 }));
    return this.#record.generation;
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

  /** Resolves when all changes have been stored. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  #change(change: (record: SessionRecord) => SessionRecord): Promise<boolean> {
    const step = this.#tail.then(async () => {
      const next = change(this.#record);
      tellTokens(next, this.#onSecret);
      let stored = true;
      try {
        await this.#store.save(next);
      } catch (error) {
        stored = false;
        const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        // The old tokens are dead on the server already: going on with the new ones in memory is the lesser harm.
        this.#log.write('error', 'The session could not be stored; a restart will need a new login.', { cause });
      }
      this.#record = next;
      this.#show();
      return stored;
    });
    this.#tail = step;
    return step;
  }

  /** bluelinky builds its headers from its own session object, anew for every call. */
  #show(): void {
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
