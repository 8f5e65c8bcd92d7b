import { BERLIN } from '../../../src/io/bluelink/translate/local-time.ts';
import { CARS, START } from '../cast.ts';
import type { Asked, Said } from './asked.ts';
import { demand } from './verdict.ts';

/** After this time nothing is left of a trouble but the memory of its refreshes: the breaker is open for five minutes at most. */
const AFTERMATH_MS = 420_000;
/** So long the token remembers its refreshes. With those of a trouble behind it, a token that is taken back may be one too many. */
const VISITS_MS = 600_000;
/** A command of a car that works, in a cloud that works, behind at most a handful of others. */
const PROMPT_MS = 240_000;
/** How a healthy car's command may end besides `succeeded`. */
const FAIR: ReadonlySet<string> = new Set([
  'superseded',
  'carRefused',
  'queueFull',
  'unsupported',
  'expired',
  'retained',
]);

/** The cloud keeps no record of them: only what the car reports proves them. */
const UNRECORDED: ReadonlySet<string> = new Set(['charge_limits', 'charging_current']);

const CLASSIC: ReadonlySet<string> = new Set(CARS.filter(({ ccs2 }) => ccs2 === 0).map(({ id }) => id));
const HOUR_MS = 3_600_000;

interface Trouble {
  readonly from: number;
  readonly to: number;
  /** Null: everybody's. */
  readonly car: string | null;
}

/** `isolation`, and that an expired token alone is nobody's business: what no trouble touches succeeds, and soon. */
export class ServiceJudge {
  readonly #now: () => number;
  #troubles: Trouble[] = [];
  #wrongClocks: Omit<Trouble, 'car'>[] = [];
  #judged = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Commands that no trouble touched. */
  get judged(): number {
    return this.#judged;
  }

  trouble(lastsMs: number, car: string | null): void {
    const now = this.#now();
    this.#troubles.push({ from: now, to: now + lastsMs + AFTERMATH_MS, car });
    this.#troubles = this.#troubles.filter(({ to }) => to > now - 3_600_000);
  }

  /**
   * While the clock of the machine is wrong, the cloud's time is known to a second or two: a report that comes so soon
   * after the call may be of before it, and proves nothing.
   */
  clockIsWrong(lastsMs: number): void {
    const now = this.#now();
    this.#wrongClocks.push({ from: now, to: now + lastsMs });
    this.#wrongClocks = this.#wrongClocks.filter(({ to }) => to > now - 3_600_000);
  }

  ended(asked: Asked, said: Said, sentAt: number): void {
    if (asked.kind !== 'control' && asked.kind !== 'read') return;
    const now = this.#now();
    const memoryMs = said.reason === 'refreshLimit' ? VISITS_MS - AFTERMATH_MS : 0;
    const isTouched = this.#troubles.some(
      ({ from, to, car }) => (car === null || car === asked.car) && from <= now && to + memoryMs >= sentAt,
    );
    if (isTouched) return;
    this.#judged += 1;
    const isFair =
      said.status === 'succeeded' || FAIR.has(said.reason ?? '') || this.#provesNothing(asked, said, sentAt);
    demand('isolation', isFair, () => `${asked.id} met no trouble and ended ${said.status} ${said.reason}.`);
    const took = now - sentAt;
    demand('isolation', took <= PROMPT_MS, () => `${asked.id} met no trouble and took ${took} ms.`);
  }

  /** Whether its car has reported, and the time of that report says nothing. */
  #provesNothing(asked: Asked, said: Said, sentAt: number): boolean {
    const now = this.#now();
    const isByReport = said.reason === 'noConfirmation' && UNRECORDED.has(asked.name);
    const isAskedItself = said.reason === 'carUnreachable' && asked.kind === 'read';
    if (isByReport && this.#wrongClocks.some(({ from, to }) => from <= now && to >= sentAt)) return true;
    const isRepeatedHour = CLASSIC.has(asked.car) && (isRepeated(sentAt) || isRepeated(now));
    return isRepeatedHour && (isByReport || isAskedItself);
  }
}

/**
 * Classic cars tell the time of day of central Europe. In the autumn an hour of it comes twice, and the second one is taken for
 * the first: a state must not look newer than it is.
 */
function isRepeated(at: number): boolean {
  return !BERLIN.isSummer(START + at) && BERLIN.isSummer(START + at - HOUR_MS);
}
