import type { CloudPort } from '../../actors/ports.ts';
import { watchedCloud } from '../watch/watched-cloud.ts';
import type { Instruments } from './instruments.ts';

/** The same cloud, with every call counted and timed. @param now ms of a clock that only goes forward. */
export function measuredCloud(
  cloud: CloudPort,
  account: string,
  { calls, callSeconds, callsInFlight }: Instruments,
  now: () => number,
): CloudPort {
  const inFlight = callsInFlight.labels(account);
  inFlight.set(0);
  return watchedCloud(cloud, ({ kind }) => {
    const begunAt = now();
    inFlight.inc();
    return (end) => {
      if (end !== null) calls.inc({ account, kind, outcome: end.failure === null ? 'ok' : end.failure.kind });
      inFlight.dec();
      callSeconds.observe({ kind }, (now() - begunAt) / 1000);
    };
  });
}
