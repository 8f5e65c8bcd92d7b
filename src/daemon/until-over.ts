import type { Log } from '../actors/ports.ts';
import type { Daemon } from './daemon.ts';

/** The process of a daemon that ended by itself ends this long afterwards, whatever still holds it. */
const LAST_RESORT_MS = 30_000;

/**
 * Waits until somebody wants the daemon to end, or nothing in it goes on. It still wants to be stopped then.
 *
 * @param told resolves when somebody wants it to end.
 * @returns the exit code: 0, or 1 so that whoever looks after the process starts it anew.
 */
export async function untilOver({ ended }: Pick<Daemon, 'ended'>, told: Promise<void>, log: Log): Promise<0 | 1> {
  const isTold = await Promise.race([told.then(() => true), ended.then(() => false)]);
  if (isTold) return 0;
  log.write('error', 'the daemon cannot go on and ends with exit code 1; a new start takes up what is in the journal');
  setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
  return 1;
}
