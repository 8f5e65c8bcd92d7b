import type { SimClock } from './timings.ts';

/** One call, as `GET /__sim/log` shows it. Tokens by number only; no password, PIN, code or body. */
export interface LoggedCall {
  /** 1, 2, 3 … in order of arrival. */
  readonly n: number;
  /** Epoch ms of arrival. */
  readonly at: number;
  readonly method: string;
  /** Path with the values of its query left out. */
  readonly path: string;
  /** Vehicle id, null for calls that concern no car. */
  readonly car: string | null;
  /** Index of the account, null while nobody is known to call. */
  readonly account: number | null;
  /** What was called: `control.door`, `status.forced`, `token.refresh`, … */
  readonly kind: string;
  /** `pending` until the end; `cut`: the connection was torn down; `gone`: the client left before the answer. */
  readonly outcome: 'pending' | 'answered' | 'cut' | 'gone';
  /** HTTP status; null unless answered. */
  readonly status: number | null;
  /** `resCode`, `errCode` or the like of the answer, where it has one. */
  readonly code: string | null;
  /** Number of the token that the call was made with, in its kind. */
  readonly token: number | null;
  readonly tokenKind: 'access' | 'control' | null;
  readonly durationMs: number | null;
  /** A forced read that reached for the car. */
  readonly wake: boolean;
  /** What the call changed: `door:close`, `access#3`, `report`, … */
  readonly effect: string | null;
  readonly actionId: string | null;
  /** SHA-256 of the body, vehicle calls only: whether a repeated call is the same, byte for byte. */
  readonly bodySha256: string | null;
  /** The faults that took part. */
  readonly faults: readonly string[];
}

/** Hears every call twice: when it arrives (`pending`), and when it is over. */
export type CallListener = (call: LoggedCall) => void;

export type Arrival = Pick<LoggedCall, 'method' | 'path' | 'car' | 'kind' | 'bodySha256'>;
export type Ending = Pick<
  LoggedCall,
  'outcome' | 'status' | 'code' | 'account' | 'token' | 'tokenKind' | 'wake' | 'effect' | 'actionId' | 'faults'
>;

/** The last calls, oldest first, and those who want to hear of new ones. */
export class CallLog {
  readonly #calls = new Map<number, LoggedCall>();
  readonly #listeners = new Set<CallListener>();
  readonly #waiting = new Set<(reason: Error) => void>();
  readonly #clock: SimClock;
  readonly #limit: number;
  #count = 0;

  constructor(clock: SimClock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Number of the last call. */
  get count(): number {
    return this.#count;
  }

  /** Calls with a number above `since`. */
  calls(since = 0): readonly LoggedCall[] {
    const all = [...this.#calls.values()];
    return since <= 0 ? all : all.filter((call) => call.n > since);
  }

  clear(): void {
    this.#calls.clear();
  }

  onCall(listener: CallListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The first call, past or to come, that fits. It is asked at the arrival of a call and again at its end. Rejects after
   * `deadlineMs`, or when the simulator closes.
   */
  waitFor(predicate: (call: LoggedCall) => boolean, deadlineMs: number, since = 0): Promise<LoggedCall> {
    const past = this.calls(since).find(predicate);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        stop();
        this.#waiting.delete(fail);
      };
      const fail = (reason: Error) => {
        end();
        reject(reason);
      };
      const stop = this.onCall((call) => {
        if (call.n <= since || !predicate(call)) return;
        end();
        resolve(call);
      });
      const timer = setTimeout(() => fail(new Error(`No such call within ${deadlineMs} ms.`)), deadlineMs);
      this.#waiting.add(fail);
    });
  }

  arrived(arrival: Arrival): LoggedCall {
    this.#count += 1;
    const call: LoggedCall = {
      n: this.#count,
      at: this.#clock.now(),
      ...arrival,
      account: null,
      outcome: 'pending',
      status: null,
      code: null,
      token: null,
      tokenKind: null,
      durationMs: null,
      wake: false,
      effect: null,
      actionId: null,
      faults: [],
    };
    this.#calls.set(call.n, call);
    if (this.#calls.size > this.#limit) {
      const oldest = this.#calls.keys().next();
      if (!oldest.done) this.#calls.delete(oldest.value);
    }
    this.#tell(call);
    return call;
  }

  ended(call: LoggedCall, ending: Ending): void {
    const over: LoggedCall = { ...call, ...ending, durationMs: this.#clock.now() - call.at };
    if (this.#calls.has(call.n)) this.#calls.set(call.n, over);
    this.#tell(over);
  }

  close(): void {
    for (const fail of [...this.#waiting]) fail(new Error('The simulator was closed.'));
    this.#listeners.clear();
  }

  #tell(call: LoggedCall): void {
    for (const listener of [...this.#listeners]) listener(call);
  }
}
