import type {
  BudgetReport,
  CallOptions,
  CallOutcome,
  CloudPort,
  RegistrationOutcome,
  SessionNews,
  SessionOutcome,
} from '../../../src/actors/ports.ts';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import { carNamed } from '../../support/vehicle-states.ts';
import { type Cloud, type Ending, type Flight, isGood } from '../cloud.ts';
import type { Call } from '../local.ts';

/** A call of a real actor that runs: the flight of the exploration, and how to end it. */
export interface Held {
  readonly flight: Flight;
  readonly settle: (ending: Ending) => void;
}
/** Who makes a call, and what for: told by whoever watches the actors. */
export type Caller = (src: readonly string[], isIt: (input: unknown) => boolean) => { address: string; call: Call };

/** The cloud of the exploration (cloud.ts) as a port of the real actors: it answers when, and as, a script says. */
export class ScriptedCloud implements CloudPort {
  state: Cloud;
  readonly held: Held[] = [];
  private readonly caller: Caller;
  private readonly listeners = new Set<(news: SessionNews) => void>();

  constructor(cars: readonly string[], caller: Caller) {
    this.state = { generation: 1, good: 0b10, done: [], cars: cars.map(carNamed) };
    this.caller = caller;
  }

  call(call: CloudCall, { signal }: CallOptions): Promise<CallOutcome> {
    const isIt = (input: unknown) => (input as { readonly call?: CloudCall } | undefined)?.call === call;
    const isOwn = call.type === 'list';
    return this.hold(
      this.caller(['callCloud', 'readList'], (input) => isIt(input) || (isOwn && input === undefined)),
      signal,
    );
  }
  startSession(signal: AbortSignal): Promise<SessionOutcome> {
    return this.hold(
      this.caller(['renewSession'], () => true),
      signal,
    );
  }
  refreshSession(signal: AbortSignal): Promise<SessionOutcome> {
    return this.startSession(signal);
  }
  login(signal: AbortSignal): Promise<SessionOutcome> {
    return this.hold(
      this.caller(['logIn'], () => true),
      signal,
    );
  }
  registerDevice(_: number | null, signal: AbortSignal): Promise<RegistrationOutcome> {
    return this.hold(
      this.caller(['registerDevice'], () => true),
      signal,
    );
  }

  expire(): void {
    this.state = { ...this.state, good: 0 };
  }

  logInBeside(generation: number): void {
    this.state = { ...this.state, generation, good: this.state.good | (1 << generation) };
    for (const listener of this.listeners) listener({ generation, lifetimeMs: 86_400_000 });
  }

  forget(isGone: (address: string) => boolean): void {
    for (const held of this.held.filter(({ flight }) => isGone(flight.address))) {
      this.held.splice(this.held.indexOf(held), 1);
    }
  }

  hang(held: Held): void {
    this.held[this.held.indexOf(held)] = { ...held, flight: { ...held.flight, hangs: true } };
  }

  clockAheadMs(): number {
    return 0;
  }

  generation(): number {
    return this.state.generation;
  }
  recentVisits(): readonly number[] {
    return [];
  }
  onSessionChange(listener: (news: SessionNews) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  budget(): BudgetReport {
    const server = { limit: null, remaining: null, resetAt: null };
    return { calls: 0, callsPerDay: null, forcedReads: {}, forcedReadsPerDay: null, server };
  }
  onBudgetChange(): () => void {
    return () => {};
  }
  async close(): Promise<void> {}

  private hold<T>({ address, call }: ReturnType<Caller>, signal: AbortSignal): Promise<T> {
    const { generation } = this.state;
    const flight = { address, call, generation, goodAtStart: isGood(this.state, generation), hangs: false };
    return new Promise<T>((resolve, reject) => {
      const forget = (): void => {
        const at = this.held.findIndex((other) => other.flight.call === call);
        if (at !== -1) this.held.splice(at, 1);
      };
      signal.addEventListener('abort', forget);
      this.held.push({
        flight,
        settle: ({ output, cloud }) => {
          forget();
          this.state = cloud;
          if (output === undefined) reject(new Error('a bug'));
          else resolve(output as T);
        },
      });
    });
  }
}
