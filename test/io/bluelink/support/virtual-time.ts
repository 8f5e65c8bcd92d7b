import { vi } from 'vitest';
import { turn } from '../../../support/turn.ts';

/** For what the machine itself must do meanwhile; long, because it may be busy. */
const DEADLINE_MS = 15_000;

export interface VirtualTime {
  /** Lets so much time pass. */
  pass(ms: number): Promise<unknown>;
  /** Lets time pass in steps of `stepMs`, and all that goes on between this process and itself go on, until it is so. */
  passUntil(isSo: () => boolean, stepMs: number): Promise<void>;
}

/**
 * Timers that are set meanwhile fire when the test lets their time pass, sockets go on as ever: so a deadline is over when
 * the test says so, however slow or quick the machine is.
 */
export async function inVirtualTime<T>(work: (time: VirtualTime) => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    return await work({ pass: (ms) => vi.advanceTimersByTimeAsync(ms), passUntil });
  } finally {
    vi.useRealTimers();
  }
}

/** Makes a call that nobody answers, and lets its time run out once it has arrived. @returns what it ends with. */
export function runOut<T>(make: () => Promise<T>, arrived: () => Promise<unknown>, ms: number): Promise<T> {
  return inVirtualTime(async ({ pass }) => {
    const made = make();
    await Promise.race([arrived(), made]);
    await pass(ms);
    return made;
  });
}

async function passUntil(isSo: () => boolean, stepMs: number): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`In vain for ${DEADLINE_MS} ms: ${isSo.toString()}`);
    await vi.advanceTimersByTimeAsync(stepMs);
    await turn();
  }
}
