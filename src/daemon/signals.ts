import type { Log } from '../actors/ports.ts';

/**
 * Resolves at the first SIGTERM or SIGINT. A second one ends the process at once: somebody is in a hurry.
 */
export function untilTold(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let isTold = false;
    const told = (signal: NodeJS.Signals): void => {
      if (isTold) process.exit(1);
      isTold = true;
      log.write('info', 'told to stop: answering whoever waits', { signal });
      resolve();
    };
    process.on('SIGTERM', told);
    process.on('SIGINT', told);
  });
}

/** A mistake of ours in some corner must not take the cars down; it must be seen, though. */
export function reportStrays(log: Log): void {
  process.on('unhandledRejection', (error) => log.write('error', 'an error that nobody handled', { error }));
  process.on('uncaughtException', (error) => {
    log.write('error', 'an error that nobody caught', { error });
  });
}
