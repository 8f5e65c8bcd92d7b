import { Agenda, type Entry } from './agenda.ts';
import { Scope } from './scope.ts';

type Work = (...given: unknown[]) => void;

const realSetImmediate = setImmediate;
const RealDate = Date;
const LONGEST_MS = 2 ** 31 - 1;

/** What `setTimeout` answers. */
class Handle {
  #entry: Entry;
  readonly #time: VirtualTime;
  readonly #ms: number;

  constructor(entry: Entry, time: VirtualTime, ms: number) {
    this.#entry = entry;
    this.#time = time;
    this.#ms = ms;
  }

  cancel(): void {
    this.#entry.cancelled = true;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return !this.#entry.cancelled;
  }

  refresh(): this {
    this.#entry = this.#time.again(this.#entry, this.#ms);
    return this;
  }

  close(): this {
    this.cancel();
    return this;
  }
}

/**
 * A clock that moves from one event to the next, and the only source of anything that happens later. Between two events
 * everything that has become ready (promises, `process.nextTick`) is carried out; nothing in the simulation waits for
 * the real world, so the order of events depends on nothing but the seed.
 */
export class VirtualTime {
  readonly world = new Scope('world');
  readonly #agenda = new Agenda();
  #now = 0;
  #wallOffsetMs: number;
  #jumpedAt = Number.NEGATIVE_INFINITY;
  #scope: Scope = this.world;
  #steps = 0;

  /** @param start epoch ms. */
  constructor(start: number) {
    this.#wallOffsetMs = start;
  }

  /** ms since the beginning: never jumps. */
  get now(): number {
    return this.#now;
  }

  /** What `Date` says, epoch ms: jumps when somebody sets the clock. */
  get wall(): number {
    return this.#now + this.#wallOffsetMs;
  }

  /** When the clock was set last, virtual ms. */
  get jumpedAt(): number {
    return this.#jumpedAt;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Who runs. */
  get scope(): Scope {
    return this.#scope;
  }

  /** Sets the clock of the machine that the daemon runs on. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
    this.#jumpedAt = this.#now;
  }

  /** Timers that are set, by the name of who set them. */
  waiting(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { scope, cancelled } of this.#agenda.entries) {
      if (!cancelled && scope.alive) counts.set(scope.name, (counts.get(scope.name) ?? 0) + 1);
    }
    return counts;
  }

  at(ms: number, scope: Scope, run: () => void): void {
    this.#agenda.add({ at: Math.max(this.#now, ms), order: 0, run, scope, everyMs: null, cancelled: false });
  }

  after(ms: number, scope: Scope, run: () => void): void {
    this.at(this.#now + ms, scope, run);
  }

  /** Runs `work`, and what follows from it without delay, in the name of `scope`. */
  as<T>(scope: Scope, work: () => T): T {
    this.#scope = scope;
    return work();
  }

  /** The same once more, `ms` from now, in the place of what was set. */
  again(entry: Entry, ms: number): Entry {
    if (entry.cancelled) return entry;
    entry.cancelled = true;
    const twin = { ...entry, at: this.#now + ms, cancelled: false };
    this.#agenda.add(twin);
    return twin;
  }

  /** Lets the world go on until `isOver` says so. Rejects with what an event throws. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (isOver()) {
            resolve();
            return;
          }
          const entry = this.#agenda.next();
          if (entry === null) {
            reject(new Error('Nothing is left that could happen.'));
            return;
          }
          this.#now = Math.max(this.#now, entry.at);
          this.#scope = entry.scope;
          this.#steps += 1;
          if (entry.everyMs !== null) {
            entry.at = this.#now + entry.everyMs;
            this.#agenda.add(entry);
          }
          entry.run();
        } catch (error) {
          reject(error);
          return;
        }
        // A turn of the real event loop: all promises and ticks are served before it.
        realSetImmediate(step);
      };
      realSetImmediate(step);
    });
  }

  /**
   * Waits for work that needs the real world (loading modules) while the virtual one stands still: allowed only when
   * nothing else can go on meanwhile.
   */
  async settle<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    const state: { result: { readonly value: T } | { readonly error: unknown } | null } = { result: null };
    this.as(scope, work).then(
      (value) => {
        state.result = { value };
      },
      (error: unknown) => {
        state.result = { error };
      },
    );
    while (state.result === null) {
      this.#scope = scope;
      await new Promise<void>((resolve) => realSetImmediate(resolve));
    }
    if ('error' in state.result) throw state.result.error;
    return state.result.value;
  }

  /** Replaces clock and timers of this process, for good. */
  install(): void {
    const time = this;
    class VirtualDate extends RealDate {
      constructor(...given: [] | [number | string | Date]) {
        if (given.length === 0) super(time.wall);
        else super(...(given as [number]));
      }
      static override now(): number {
        return time.wall;
      }
    }
    const delayed = (work: Work, ms: number | undefined, given: unknown[], repeats: boolean): Handle => {
      const wanted = Number(ms);
      const delay = wanted >= 1 && wanted <= LONGEST_MS ? Math.trunc(wanted) : 1;
      const entry: Entry = {
        at: time.#now + delay,
        order: 0,
        run: given.length === 0 ? work : () => work(...given),
        scope: time.#scope,
        everyMs: repeats ? delay : null,
        cancelled: false,
      };
      time.#agenda.add(entry);
      return new Handle(entry, time, delay);
    };
    const clear = (handle: unknown): void => {
      if (handle instanceof Handle) handle.cancel();
    };
    const globals = {
      Date: VirtualDate,
      setTimeout: (work: Work, ms?: number, ...given: unknown[]) => delayed(work, ms, given, false),
      setInterval: (work: Work, ms?: number, ...given: unknown[]) => delayed(work, ms, given, true),
      setImmediate: (work: Work, ...given: unknown[]) => {
        const run = given.length === 0 ? work : () => work(...given);
        const entry: Entry = { at: time.#now, order: 0, run, scope: time.#scope, everyMs: null, cancelled: false };
        time.#agenda.add(entry);
        return new Handle(entry, time, 0);
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    Object.defineProperty(performance, 'now', { value: () => time.#now, configurable: true });
  }
}
