import type { FailureKind } from '../../machines/domain/failure.ts';
import { CloudError, ownFailure } from './cloud-error.ts';
import { Deadline } from './deadline.ts';
import type { Envelope } from './envelope.ts';
import { TransportError } from './http-call.ts';
import { reportStamp } from './translate/report-facts.ts';

export interface WatchTimes {
  /** Between two looks. */
  readonly pollMs: number;
  /** From the wake until the car is given up. */
  readonly limitMs: number;
}

/** How a car is woken, and what the cloud says of it (the status). Both reject with `CloudError`. */
export interface Sleeper {
  wake(): Promise<void>;
  latest(signal: AbortSignal): Promise<Envelope>;
}

interface Wake {
  readonly commandId: string | null;
  /** The report that the cloud had before. */
  readonly before: number | null;
  /** ms by `Clock.elapsed`. */
  readonly at: number;
}

/** A look that met one of these says nothing of the car; the next may. */
const PASSING: ReadonlySet<FailureKind> = new Set(['aborted', 'network', 'timeout', 'cloudUnavailable']);

/**
 * Forced reads of CCS2 cars: wakes the car, then looks at the cloud's memory until a newer report is in it. A command that
 * is repeated because its token was refused in between goes on watching: the car is woken once.
 */
export class Watch {
  readonly #elapsed: () => number;
  readonly #times: WatchTimes;
  readonly #wakes = new Map<string, Wake>();

  /** @param elapsed as in `Clock`. */
  constructor(elapsed: () => number, times: WatchTimes) {
    this.#elapsed = elapsed;
    this.#times = times;
  }

  /** The first status with a newer report. Rejects with `carUnreachable` when none came in time. */
  async newReport(car: string, commandId: string | null, sleeper: Sleeper, signal: AbortSignal): Promise<Envelope> {
    const { pollMs, limitMs } = this.#times;
    const underway = this.#underway(car, commandId);
    const wake = underway ?? (await this.#wake(car, commandId, sleeper, signal));
    const deadline = new Deadline(Math.max(0, limitMs - (this.#elapsed() - wake.at)), [signal]);
    let passing: unknown = null;
    try {
      for (let looks = 0; ; looks += 1) {
        if (looks > 0 || underway === null) await pause(pollMs, deadline.signal);
        if (deadline.signal.aborted) break;
        try {
          const latest = await sleeper.latest(deadline.signal);
          passing = null;
          if (!isNewer(reportStamp(latest.resMsg, latest.answer), wake.before)) continue;
          this.#wakes.delete(car);
          return latest;
        } catch (error) {
          if (!(error instanceof CloudError) || !PASSING.has(error.failure.kind)) throw error;
          if (!deadline.signal.aborted) passing = error;
        }
      }
    } finally {
      deadline.end();
    }
    if (!deadline.isOver) throw new TransportError('aborted', null, true);
    this.#wakes.delete(car);
    throw passing ?? unanswered();
  }

  #underway(car: string, commandId: string | null): Wake | null {
    const wake = this.#wakes.get(car);
    if (wake === undefined || commandId === null || wake.commandId !== commandId) return null;
    return this.#elapsed() - wake.at < this.#times.limitMs ? wake : null;
  }

  async #wake(car: string, commandId: string | null, sleeper: Sleeper, signal: AbortSignal): Promise<Wake> {
    const { resMsg, answer } = await sleeper.latest(signal);
    const before = reportStamp(resMsg, answer);
    await sleeper.wake();
    const wake = { commandId, before, at: this.#elapsed() };
    this.#wakes.set(car, wake);
    return wake;
  }
}

function isNewer(stamp: number | null, before: number | null): boolean {
  return stamp !== null && (before === null || stamp > before);
}

function unanswered(): CloudError {
  const failure = ownFailure('carUnreachable', 'The car did not answer.', 'no newer report');
  return new CloudError({ ...failure, answered: true });
}

/** Ends early when the signal does. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
