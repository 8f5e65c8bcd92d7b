import type { SimClock } from '../timings.ts';
import type { Fault, FaultInput } from './schema.ts';
import { faultSchema } from './schema.ts';

/** What a fault sees of a call when it decides whether it is concerned. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly kind: string;
  readonly car: string | null;
  /** Index of the account, null while nobody is known. */
  readonly account: number | null;
}

export interface FaultHandle {
  readonly id: number;
  /** How often it has taken part. */
  readonly uses: number;
  readonly active: boolean;
  lift(): void;
}

export interface ListedFault {
  readonly id: number;
  readonly fault: Fault;
  readonly uses: number;
}

interface Posted {
  readonly id: number;
  readonly fault: Fault;
  readonly endsAt: number | null;
  readonly pattern: RegExp | null;
  skipped: number;
  uses: number;
}

const FAULTS_KEPT = 200;

/** The faults that are switched on. Set in code or over `/__sim/faults`. */
export class FaultBoard {
  readonly #posted = new Map<number, Posted>();
  readonly #clock: SimClock;
  #count = 0;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** Throws a `ZodError` when the fault is none, an `Error` when its path pattern is none or there are too many. */
  add(input: FaultInput): FaultHandle {
    const fault = faultSchema.parse(input);
    if (this.#posted.size >= FAULTS_KEPT) throw new Error(`No more than ${FAULTS_KEPT} faults at a time.`);
    this.#count += 1;
    const posted: Posted = {
      id: this.#count,
      fault,
      endsAt: fault.forMs === undefined ? null : this.#clock.now() + fault.forMs,
      pattern: patternOf(fault.match?.path),
      skipped: 0,
      uses: 0,
    };
    this.#posted.set(posted.id, posted);
    const isActive = () => this.#posted.has(posted.id) && !this.#isOver(posted);
    return {
      id: posted.id,
      get uses() {
        return posted.uses;
      },
      get active() {
        return isActive();
      },
      lift: () => void this.lift(posted.id),
    };
  }

  lift(id: number): boolean {
    return this.#posted.delete(id);
  }

  clear(): void {
    this.#posted.clear();
  }

  list(): readonly ListedFault[] {
    this.#forgetOver();
    return [...this.#posted.values()].map(({ id, fault, uses }) => ({ id, fault, uses }));
  }

  /** The faults that fit a call, in the order they were added. `take` counts a use, or says that it lets this one through. */
  concerning(target: FaultTarget): readonly { readonly fault: Fault; take(): boolean }[] {
    if (this.#posted.size === 0) return [];
    this.#forgetOver();
    return [...this.#posted.values()]
      .filter((posted) => fits(posted, target))
      .map((posted) => ({ fault: posted.fault, take: () => this.#take(posted) }));
  }

  #take(posted: Posted): boolean {
    if (this.#isOver(posted) || !this.#posted.has(posted.id)) return false;
    if (posted.skipped < (posted.fault.skip ?? 0)) {
      posted.skipped += 1;
      return false;
    }
    posted.uses += 1;
    return true;
  }

  #isOver(posted: Posted): boolean {
    const usedUp = posted.fault.times !== undefined && posted.uses >= posted.fault.times;
    return usedUp || (posted.endsAt !== null && posted.endsAt <= this.#clock.now());
  }

  #forgetOver(): void {
    for (const posted of this.#posted.values()) if (this.#isOver(posted)) this.#posted.delete(posted.id);
  }
}

function fits({ fault, pattern }: Posted, target: FaultTarget): boolean {
  const { match } = fault;
  if (match === undefined) return true;
  if (pattern !== null && !pattern.test(target.path)) return false;
  if (match.method !== undefined && match.method !== target.method) return false;
  if (match.car !== undefined && match.car !== target.car) return false;
  if (match.account !== undefined && match.account !== target.account) return false;
  return match.kind === undefined || match.kind.split(',').some((kind) => isKind(target.kind, kind.trim()));
}

/** `control` is the kind of `control.door`. */
export function isKind(kind: string, wanted: string): boolean {
  return kind === wanted || kind.startsWith(`${wanted}.`);
}

function patternOf(path: string | undefined): RegExp | null {
  if (path === undefined) return null;
  const expression = /^\/(.+)\/$/.exec(path)?.[1];
  return new RegExp(expression ?? path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
