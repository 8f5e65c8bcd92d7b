import type { Reachability } from '../car/action.ts';
import type { Car } from '../car/car.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';

/** How a cloud says that a car cannot be asked. */
interface Refusals {
  /** It is being asked already, and this cloud allows that once only. */
  readonly busy: () => Answer;
  readonly unreachable: (why: Exclude<Reachability, 'ok' | 'silent'>) => Answer;
}

/** Wakes the car and waits for its report; the answer of the cloud when that does not come. */
export async function reach(car: Car, exchange: Exchange, { busy, unreachable }: Refusals): Promise<Answer | null> {
  const { cloud } = exchange;
  if (cloud.limits.onePending && car.forcedReads > 0) return busy();
  exchange.wake = true;
  const { reachability } = car;
  if (reachability !== 'ok') {
    car.failToWake();
    return reachability === 'silent' ? { type: 'hang' } : unreachable(reachability);
  }
  car.forcedReads += 1;
  try {
    await cloud.sleeper.sleep(car.wake());
  } finally {
    car.forcedReads -= 1;
  }
  car.reportNow();
  exchange.effect = 'report';
  return null;
}
