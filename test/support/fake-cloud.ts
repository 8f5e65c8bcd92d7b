import type {
  BudgetReport,
  CallOptions,
  CallOutcome,
  CloudPort,
  RegistrationOutcome,
  SessionNews,
  SessionOutcome,
} from '../../src/actors/ports.ts';
import type { CarInfo, CloudCall } from '../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../src/machines/domain/failure.ts';
import { Happenings } from './happenings.ts';
import { carNamed, readingWith } from './vehicle-states.ts';

export const tokenRefused: CloudFailure = {
  kind: 'tokenRefused',
  message: 'The token is expired.',
  cause: 'HTTP 401',
  reached: 'no',
  answered: true,
  retryAfterMs: null,
};
export const outage: CloudFailure = {
  kind: 'cloudUnavailable',
  message: 'The cloud is away.',
  cause: 'HTTP 503',
  reached: 'no',
  answered: false,
  retryAfterMs: null,
};

interface MadeCall {
  readonly call: CloudCall;
  readonly attempt: number;
  readonly generation: number;
}

/** A cloud in memory: one account whose tokens a test revokes, whose cars obey at once, and whose answers it can change. */
export class FakeCloud implements CloudPort {
  readonly cars: readonly CarInfo[];
  private readonly made = new Happenings<MadeCall>();
  readonly calls: readonly MadeCall[] = this.made.all;
  refreshes = 0;
  logins = 0;
  registrations = 0;
  /** What a test wants instead of the usual answer; undefined for the usual one. */
  instead: (call: CloudCall, options: CallOptions) => CloudFailure | Promise<CloudFailure | undefined> | undefined =
    () => undefined;
  /** What a control needs before it can be sent. */
  preparing: () => Promise<void> = async () => {};
  refreshInstead: () => CloudFailure | Promise<CloudFailure | undefined> | undefined = () => undefined;
  /** When a server answered a refresh or a login, as its record has it; epoch ms. */
  visits: readonly number[] = [];
  /** How far its clock, which is that of its cars, is ahead of ours, ms. */
  aheadMs = 0;
  /** When the cars reported last, by that clock. */
  reportedAt = () => Date.now() + this.aheadMs;
  readonly locked = new Map<string, boolean>();
  private readonly listeners = new Set<(news: SessionNews) => void>();
  private current = 0;
  private good = 1;

  constructor(carIds: readonly string[]) {
    this.cars = carIds.map(carNamed);
  }

  /** The server forgets the token in use; our clock still trusts it. */
  revoke(): void {
    this.good = this.current + 1;
  }

  clockAheadMs(): number {
    return this.aheadMs;
  }

  generation(): number {
    return this.current;
  }

  recentVisits(): readonly number[] {
    return this.visits;
  }

  /** Somebody logs in beside the daemon: the session in use is a new one. */
  logInBeside(): void {
    this.current += 1;
    this.good = this.current;
    for (const listener of this.listeners) listener({ generation: this.current, lifetimeMs: 86_400_000 });
  }

  onSessionChange(listener: (news: SessionNews) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async call(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    const token = { generation: this.current, scope: 'access' as const };
    if (call.type === 'control') {
      await this.preparing();
      const refusal = (await options.beforeSending?.()) ?? null;
      if (refusal !== null) return { ok: false, failure: refusal, token };
    }
    this.made.add({ call, attempt: options.attempt, generation: this.current });
    await Promise.resolve();
    const instead = await this.instead(call, options);
    if (instead !== undefined) return { ok: false, failure: instead, token };
    if (token.generation < this.good) return { ok: false, failure: tokenRefused, token };
    return { ok: true, value: this.answer(call), token };
  }

  async startSession(): Promise<SessionOutcome> {
    return this.renewed();
  }

  async refreshSession(): Promise<SessionOutcome> {
    this.refreshes += 1;
    await Promise.resolve();
    const failure = await this.refreshInstead();
    return failure === undefined ? this.renewed() : { ok: false, failure };
  }

  async login(): Promise<SessionOutcome> {
    this.logins += 1;
    return this.renewed();
  }

  async registerDevice(): Promise<RegistrationOutcome> {
    this.registrations += 1;
    return { ok: true, asked: true };
  }

  budget(): BudgetReport {
    return {
      calls: this.calls.length,
      callsPerDay: null,
      forcedReads: {},
      forcedReadsPerDay: null,
      server: { limit: null, remaining: null, resetAt: null },
    };
  }

  onBudgetChange(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}

  /** Resolves when so many calls of a type have been made; rejects after a deadline. */
  async called(type: CloudCall['type'], count: number): Promise<void> {
    await this.made.count(`calls of type ${type}`, count, ({ call }) => call.type === type);
  }

  callsOf(type: CloudCall['type']): number {
    return this.calls.filter(({ call }) => call.type === type).length;
  }

  private renewed(): SessionOutcome {
    this.current += 1;
    return { ok: true, generation: this.current, lifetimeMs: 86_400_000, asked: true };
  }

  private answer(call: CloudCall) {
    switch (call.type) {
      case 'list':
        return { type: 'list', cars: this.cars } as const;
      case 'record':
        return { type: 'record', word: 'success' } as const;
      case 'read':
        return {
          type: 'reading',
          reading: readingWith({
            locked: this.locked.get(call.car) ?? null,
            last_updated_utc: new Date(this.reportedAt()).toISOString(),
          }),
        } as const;
      case 'control':
        if (call.command.name === 'lock') this.locked.set(call.car, call.command.action === 'lock');
        return { type: 'accepted', actionId: `a${this.calls.length}`, acceptedAt: Date.now() + this.aheadMs } as const;
    }
  }
}
