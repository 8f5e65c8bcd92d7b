import type {
  BudgetReport,
  BusListener,
  CallOptions,
  CallOutcome,
  CloudPort,
  MessageBus,
  OutboundMessage,
  RegistrationOutcome,
  SessionOutcome,
} from '../../src/actors/ports.ts';
import type { CallResult, CarInfo, CloudCall } from '../../src/machines/domain/command.ts';
import { readingWith } from '../../test/support/vehicle-states.ts';

const DAY_MS = 86_400_000;
const BUDGET: BudgetReport = {
  calls: 0,
  callsPerDay: null,
  forcedReads: {},
  forcedReadsPerDay: null,
  server: { limit: null, remaining: null, resetAt: null },
};

/** A cloud in memory whose cars obey at once: what is measured then is the actors alone. */
export class MemoryCloud implements CloudPort {
  readonly cars: readonly CarInfo[];
  refreshes = 0;
  #generation = 0;
  #good = 1;

  constructor(carIds: readonly string[]) {
    this.cars = carIds.map((id) => ({
      id,
      vin: `KMHBENCH0${id}`,
      name: id,
      model: 'IONIQ 5',
      year: '2023',
      engine: 'ev',
      generation: 'classic',
    }));
  }

  /** Takes the token back; our clock still trusts it. */
  revoke(): void {
    this.#good = this.#generation + 1;
  }

  async call(call: CloudCall, { beforeSending }: CallOptions): Promise<CallOutcome> {
    const token = { generation: this.#generation, scope: 'access' as const };
    const refusal = call.type === 'control' ? await beforeSending?.() : null;
    if (refusal) return { ok: false, failure: refusal, token };
    if (token.generation >= this.#good) return { ok: true, value: this.#answer(call), token };
    const failure = {
      kind: 'tokenRefused',
      message: 'The token is expired.',
      cause: 'HTTP 401',
      reached: 'no',
      answered: true,
      retryAfterMs: null,
    } as const;
    return { ok: false, failure, token };
  }

  async startSession(): Promise<SessionOutcome> {
    return this.#renewed();
  }

  async refreshSession(): Promise<SessionOutcome> {
    this.refreshes += 1;
    return this.#renewed();
  }

  async login(): Promise<SessionOutcome> {
    return this.#renewed();
  }

  async registerDevice(): Promise<RegistrationOutcome> {
    return { ok: true, asked: true };
  }

  clockAheadMs(): number {
    return 0;
  }

  generation(): number {
    return this.#generation;
  }

  onSessionChange(): () => void {
    return () => {};
  }

  recentVisits(): readonly number[] {
    return [];
  }

  budget(): BudgetReport {
    return BUDGET;
  }

  onBudgetChange(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}

  #renewed(): SessionOutcome {
    this.#generation += 1;
    return { ok: true, generation: this.#generation, lifetimeMs: DAY_MS, asked: true };
  }

  #answer(call: CloudCall): CallResult {
    switch (call.type) {
      case 'list':
        return { type: 'list', cars: this.cars };
      case 'record':
        return { type: 'record', word: 'success' };
      case 'read':
        return { type: 'reading', reading: readingWith({ last_updated_utc: new Date().toISOString(), soc_pct: 50 }) };
      case 'control':
        return { type: 'accepted', actionId: 'a1', acceptedAt: Date.now() };
    }
  }
}

/** A broker in memory that keeps nothing; it only tells the bench what is published. */
export class MemoryBus implements MessageBus {
  #listener: BusListener | null = null;
  readonly #heard: (message: OutboundMessage) => void;

  constructor(heard: (message: OutboundMessage) => void) {
    this.#heard = heard;
  }

  start(listener: BusListener): void {
    this.#listener = listener;
    listener.connected({ protocolVersion: 5 });
  }

  publish(message: OutboundMessage): void {
    message.delivered?.();
    this.#heard(message);
  }

  async close(): Promise<void> {}

  send(topic: string, payload: string): void {
    void this.#listener?.message({
      topic,
      payload: Buffer.from(payload),
      retain: false,
      dup: false,
      qos: 1,
      messageExpiryS: null,
      responseTopic: null,
      correlationData: null,
      receivedAt: Date.now(),
    });
  }
}
