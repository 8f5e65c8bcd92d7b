import { vi } from 'vitest';
import type { Found } from '../explore.ts';
import type { Slice } from '../slice.ts';
import { quiet, RealActors } from './real-actors.ts';

/** What came of a trace that was done again to the real actors. */
export interface Replay {
  /** Whether they break an invariant, too; which one, and how. */
  readonly shows: { readonly invariant: string; readonly message: string } | null;
  /** Why the rest of the trace could not be done; null if all of it was. */
  readonly leftOff: string | null;
}

/**
 * Does to the whole actor system, step by step, what a trace of an exploration in `cascade` says. Leaves fake timers
 * behind it as it found them: off.
 */
export async function replay(slice: Slice, found: Found): Promise<Replay> {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  try {
    const actors = await RealActors.start(slice);
    let leftOff: string | null = null;
    for (const [at, { label, act, cost }] of found.trace.entries()) {
      const why = await actors.take(act, cost);
      if (why !== null) leftOff = `${at + 1}. ${label}: ${why}`;
      if (why !== null || actors.judge.violations.length > 0) break;
    }
    const isAtRest = actors.cloud.held.every(({ flight }) => flight.hangs);
    if (leftOff === null && found.atRest && isAtRest) actors.look(true);
    const [first] = actors.judge.violations;
    const shows = first === undefined ? null : { invariant: first.invariant, message: first.message };
    await stop(actors);
    return { shows, leftOff };
  } finally {
    vi.useRealTimers();
  }
}

export async function stop({ system }: RealActors): Promise<void> {
  const stopped = system.stop();
  await quiet();
  await vi.advanceTimersByTimeAsync(60_000);
  await stopped;
}

/** For people. */
export const verdict = ({ shows, leftOff }: Replay): string =>
  shows !== null
    ? `The real actors show it, too: ${shows.invariant}. ${shows.message}`
    : `The real actors do not show it${leftOff === null ? '.' : `; left off at step ${leftOff}.`}`;
