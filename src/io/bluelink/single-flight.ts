import { CloudError } from './cloud-error.ts';
import { TransportError } from './http-call.ts';

/** Runs one piece of work at a time; whoever asks while it runs gets the same outcome. */
export class SingleFlight<T> {
  #running: Promise<T> | null = null;

  run(work: () => Promise<T>): Promise<T> {
    this.#running ??= work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** What runs now, or null. */
  get running(): Promise<T> | null {
    return this.#running;
  }
}

/**
 * Waits for shared work until the signal ends the waiting; the work itself goes on for the others (and so that, say,
 * rotated tokens are not lost). Rejects with an `aborted` `TransportError`.
 */
export function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new TransportError('aborted', null, false));
    if (signal.aborted) {
      onAbort();
      work.catch(() => {});
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Begins the work, or joins what runs, and waits for it until the signal ends the waiting; a failure is told by whoever began. */
export async function share<T>(flight: SingleFlight<T>, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const hasBegun = flight.running === null;
  try {
    return await waitFor(flight.run(work), signal);
  } catch (error) {
    throw hasBegun || !(error instanceof CloudError) ? error : new CloudError({ ...error.failure, shared: true });
  }
}
