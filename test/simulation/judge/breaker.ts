import type { LoggedCall } from '../../../src/io/simulator/call-log.ts';
import type { CallEnd } from '../transport.ts';
import type { ActorEvent } from '../world.ts';
import { demand } from './verdict.ts';

/** What the breaker may take for trouble before it opens. */
const THRESHOLD = 5;
/** Of a forced read; the breaker itself takes a permit back later than that. */
const LONGEST_CALL_MS = 125_000;
/** A failure is told at once, or when the next look at a woken car would come. */
const TOLD_WITHIN_MS = 15_000;
/** Less than anybody's time-out. */
const OVERDUE_MS = 5_000;
/** Calls that wait for the car: that one of these hangs says nothing about the cloud. */
const CAR_CALL = /^control\.|\.forced$|^ccs2\.wake$/;
const BREAKER = /\/breaker$/;
const RETURNS: ReadonlySet<string> = new Set(['REPORT_SUCCESS', 'REPORT_FAILURE', 'REPORT_IGNORED']);

/** `openMeansSilent`, `honestBreaker`, and that permits come back. */
export class BreakerJudge {
  #state = 'closed';
  #troubles = 0;
  #troubledAt = Number.NEGATIVE_INFINITY;
  /** What was called, and when it arrived, of calls that are not over. */
  readonly #open = new Map<number, { readonly kind: string; readonly at: number }>();
  #isRateLimited = false;
  readonly #permits = new Map<string, { readonly request: string; readonly holder: string; readonly at: number }>();
  readonly #now: () => number;
  #probes = new Set<string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Permits that nobody has given back for longer than any call takes. */
  get permitsLost(): number {
    const now = this.#now();
    return [...this.#permits.values()].filter(({ at }) => now - at > LONGEST_CALL_MS).length;
  }

  /** A new daemon has a new breaker. */
  reborn(): void {
    this.#open.clear();
    this.#state = 'closed';
    this.#permits.clear();
    this.#probes.clear();
  }

  state(address: string, value: unknown): void {
    if (!BREAKER.test(address)) return;
    const next = typeof value === 'string' ? value : JSON.stringify(value);
    if (next === this.#state) return;
    if (next === 'open') {
      demand('honestBreaker', this.#troubles >= THRESHOLD || this.#isRateLimited || this.#state !== 'closed', () => {
        return `The breaker opened after ${this.#troubles} troubles of the cloud.`;
      });
    }
    if (next === 'closed') {
      this.#troubles = 0;
      this.#isRateLimited = false;
    }
    this.#state = next;
    this.#probes.clear();
  }

  event({ to, from, event }: ActorEvent): void {
    if (BREAKER.test(from) && event.type === 'PERMIT_GRANTED')
      this.#granted(String(event.permit), String(event.request), to);
    if (!BREAKER.test(to)) return;
    if (RETURNS.has(event.type)) this.#back(String(event.permit));
    if (event.type === 'REPORT_FAILURE' && event.openForMs === null) {
      demand(
        'honestBreaker',
        this.#isCloudInTrouble(),
        () => `${from} reported a failure, and nothing was wrong with the cloud.`,
      );
    }
    if (event.type === 'CANCEL_PERMIT') {
      for (const [permit, { request, holder }] of this.#permits) {
        if (request === event.request && holder === from) this.#back(permit);
      }
    }
    if (event.type === 'HOLDER_GONE') {
      for (const [permit, { holder }] of this.#permits) {
        if (holder.startsWith(String(event.holder))) this.#back(permit);
      }
    }
  }

  /** What the cloud did to a call. */
  call({ n, outcome, status, kind, faults }: LoggedCall): void {
    if (outcome === 'pending') {
      this.#open.set(n, { kind, at: this.#now() });
      return;
    }
    if (status === 429 || status === 509) this.#isRateLimited = true;
    if (outcome === 'answered' && ((status ?? 0) >= 500 || faults.length > 0 || kind === 'unknown')) this.#trouble();
  }

  /** What became of a call on its way; of one that hangs for the car's sake nothing follows. */
  over(n: number | null, how: CallEnd): void {
    const call = n === null ? undefined : this.#open.get(n);
    if (n !== null) this.#open.delete(n);
    if (how === 'broken') this.#trouble();
    if (how === 'abandoned' && call !== undefined && !CAR_CALL.test(call.kind)) this.#trouble();
  }

  /** Something went wrong a moment ago, or an answer is overdue. */
  #isCloudInTrouble(): boolean {
    const now = this.#now();
    if (now - this.#troubledAt <= TOLD_WITHIN_MS) return true;
    return [...this.#open.values()].some(({ kind, at }) => !CAR_CALL.test(kind) && now - at >= OVERDUE_MS);
  }

  #trouble(): void {
    this.#troubles += 1;
    this.#troubledAt = this.#now();
  }

  #granted(permit: string, request: string, holder: string): void {
    demand('openMeansSilent', this.#state !== 'open', () => `${holder} got ${permit} while the breaker was open.`);
    this.#permits.set(permit, { request, holder, at: this.#now() });
    if (this.#state !== 'halfOpen') return;
    this.#probes.add(permit);
    demand('openMeansSilent', this.#probes.size <= 1, () => `${[...this.#probes].join()} were out while half-open.`);
  }

  #back(permit: string): void {
    this.#permits.delete(permit);
    this.#probes.delete(permit);
  }
}
