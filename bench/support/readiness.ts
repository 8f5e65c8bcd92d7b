import type { BrokerClient } from './broker-client.ts';
import { News } from './news.ts';

const DEADLINE_MS = 120_000;

/** Subscribes at once; the answer waits until that many cars have a `state`, and tells when the last of them came. */
export async function watchStates(client: BrokerClient, base: string, cars: number): Promise<() => Promise<number>> {
  const seen = new Set<string>();
  const complete = new News<number>();
  await client.subscribe(`${base}/+/state`, ({ topic, at }) => {
    if (topic.split('/').at(-2) === 'bridge') return;
    seen.add(topic);
    if (seen.size === cars) complete.add(at);
  });
  return () => complete.until(`the state of ${cars} cars`, DEADLINE_MS, () => true);
}
