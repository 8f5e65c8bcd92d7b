import type { CallOptions, CallOutcome, Clock, Log } from '../../actors/ports.ts';
import type { CallResult, CloudCall } from '../../machines/domain/command.ts';
import type { CloudFailure } from '../../machines/domain/failure.ts';
import type { Attempt } from './api-reader.ts';
import type { Budget } from './budget.ts';
import { failureOf, ownFailure } from './cloud-error.ts';
import { Deadline } from './deadline.ts';
import type { CallName } from './failure-rows.ts';
import type { SessionKeeper } from './session-keeper.ts';

export interface CallRunOptions {
  readonly keeper: SessionKeeper;
  readonly budget: Budget;
  /** Which calls the budget is for; absent: all. */
  readonly isRationed?: (call: CallName) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: { readonly callTimeoutMs: number; readonly forcedReadTimeoutMs: number };
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
}

/** How one cloud does what is asked. */
export interface Performer {
  /** Rejects with whatever went wrong. */
  perform(call: CloudCall, attempt: Attempt): Promise<CallResult>;
  /** Hears of every failure before it is answered. */
  learn(failure: CloudFailure, attempt: Attempt): Promise<void>;
}

/** What came back, in words of ours. */
const wordFor = (value: CallResult): string => (value.type === 'record' ? `record ${value.word}` : value.type);

const LATE = { kind: 'timeout', message: 'The cloud did not answer in time.', cause: 'deadline' } as const;

const unhindered = async (): Promise<null> => null;

/** What every call goes through, whatever cloud it is for: the budget, the deadline, the log, one outcome. */
export class CallRun {
  readonly #options: CallRunOptions;
  readonly #performer: Performer;

  constructor(options: CallRunOptions, performer: Performer) {
    this.#options = options;
    this.#performer = performer;
  }

  async run(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    const { log, clock, keeper } = this.#options;
    const name = nameOf(call);
    const begun = clock.elapsed();
    const fields = { call: name, id: options.commandId, attempt: options.attempt };
    log.write('debug', 'Cloud call begun.', { ...fields, generation: keeper.record.generation });
    const outcome = await this.#outcome(call, name, options);
    log.write('debug', 'Cloud call done.', {
      ...fields,
      durationMs: Math.round(clock.elapsed() - begun),
      result: outcome.ok ? 'ok' : outcome.failure.kind,
      ...(outcome.ok ? { answer: wordFor(outcome.value) } : { cause: outcome.failure.cause }),
      generation: outcome.token.generation,
    });
    return outcome;
  }

  async #outcome(call: CloudCall, name: CallName, options: CallOptions): Promise<CallOutcome> {
    const { signal, commandId, purpose = 'needed', beforeSending = unhindered } = options;
    const { keeper, clock, timeouts, closing, budget, isRationed = () => true } = this.#options;
    const credentials = keeper.credentials();
    if (credentials === null) {
      const failure = ownFailure('tokenRefused', 'There is no session yet.', 'no session');
      return { ok: false, failure, token: { generation: keeper.record.generation, scope: 'access' } };
    }
    const car = call.type === 'list' ? null : call.car;
    const expense = { purpose, car, wakes: name === 'forcedRead', commandId };
    const refusal = isRationed(name) ? budget.admit(expense) : null;
    if (refusal !== null) {
      return { ok: false, failure: refusal, token: { generation: credentials.generation, scope: 'access' } };
    }
    const timeoutMs = name === 'forcedRead' ? timeouts.forcedReadTimeoutMs : timeouts.callTimeoutMs;
    const deadline = new Deadline(timeoutMs, [signal, closing]);
    const patience = { timeoutMs, signal: deadline.signal };
    const attempt: Attempt = {
      name,
      commandId,
      purpose,
      credentials,
      patience,
      scope: 'access',
      deviceId: null,
      device: null,
      beforeSending,
      mayBeSent: false,
      mayHaveWoken: false,
    };
    const madeWith = () => ({
      token: { generation: credentials.generation, scope: attempt.scope },
      ...(attempt.device === null ? {} : { device: attempt.device }),
    });
    try {
      return { ok: true, value: await this.#performer.perform(call, attempt), ...madeWith() };
    } catch (error) {
      const failure = failureOf(error, { call: name, now: clock.now(), sent: attempt.mayBeSent });
      if (!attempt.mayHaveWoken) budget.giveBack(expense);
      await this.#performer.learn(failure, attempt);
      const isLate = failure.kind === 'aborted' && !signal.aborted && !closing.aborted;
      return { ok: false, failure: isLate ? { ...failure, ...LATE } : failure, ...madeWith() };
    } finally {
      deadline.end();
    }
  }
}

function nameOf(call: CloudCall): CallName {
  switch (call.type) {
    case 'control':
    case 'record':
    case 'list':
      return call.type;
    case 'read':
      return call.source === 'forced' ? 'forcedRead' : 'cachedRead';
  }
}
