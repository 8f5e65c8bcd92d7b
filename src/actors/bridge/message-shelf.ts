import type { Clock, InboundMessage } from '../ports.ts';

const LIMIT = 1_024;
const EARLY_LIMIT = 256;

/** What decides for how long a message may wait. */
export type Waiting = Pick<Arrival, 'since' | 'lifeMs'>;

/** A message that somebody has to look at. */
export interface Arrival {
  readonly message: InboundMessage;
  /** Its place in the journal, while it waits there for its car; null if it is not kept. */
  readonly key: number | null;
  /** When it came, ms by `Clock.elapsed`: of an earlier run, what the time of day makes of it. */
  readonly since: number;
  /** ms after which its sender no longer wants it; null if that is not known, or never. */
  readonly lifeMs: number | null;
  /** The broker may forget it, once `kept` resolves (null: now). */
  acknowledge(kept: Promise<unknown> | null): void;
}

/**
 * Holds the content of messages, so that events carry a ticket only: what strangers send never enters an actor's mailbox,
 * a snapshot or the inspector.
 */
export class MessageShelf {
  private readonly clock: Clock;
  private readonly patienceMs: number;
  private readonly nameOf: (message: InboundMessage) => string | null;
  private readonly messages = new Map<number, Arrival>();
  private early: Arrival[] = [];
  /** Of the messages of each name, the one that has been kept first. */
  private readonly firsts = new Map<string, Waiting>();
  private next = 1;

  /**
   * @param options.patienceMs how long a message waits for its car to be listed.
   * @param options.nameOf what a message has in common with its repetitions; null if it has no name.
   */
  constructor(
    clock: Clock,
    options: { readonly patienceMs: number; readonly nameOf: (message: InboundMessage) => string | null },
  ) {
    this.clock = clock;
    this.patienceMs = options.patienceMs;
    this.nameOf = options.nameOf;
  }

  /**
   * @param waiting absent: it comes now, and for how long it is wanted is not known yet.
   * @returns a ticket, and a promise that resolves when the broker may forget the message; null when too many messages
   *   wait to be looked at.
   */
  put(
    message: InboundMessage,
    { since, lifeMs }: Waiting = { since: this.clock.elapsed(), lifeMs: null },
  ): { readonly ticket: number; readonly kept: Promise<unknown> } | null {
    if (this.messages.size >= LIMIT) return null;
    const ticket = this.next;
    this.next += 1;
    const kept = new Promise<unknown>((resolve) => {
      this.messages.set(ticket, { message, key: null, since, lifeMs, acknowledge: resolve });
    });
    return { ticket, kept };
  }

  take(ticket: number): Arrival | null {
    const arrival = this.messages.get(ticket) ?? null;
    this.messages.delete(ticket);
    return arrival;
  }

  get hasRoom(): boolean {
    return this.early.length < EARLY_LIMIT;
  }

  /**
   * Keeps a message whose car is not known yet. Its repetitions wait as long as it does, and no longer: else one would be
   * refused, and the other one carried out.
   */
  keep(arrival: Arrival): void {
    const name = this.nameOf(arrival.message);
    const { since, lifeMs } = (name === null ? null : this.firsts.get(name)) ?? arrival;
    if (name !== null) this.firsts.set(name, { since, lifeMs });
    this.early.push({ ...arrival, since, lifeMs });
  }

  /** The same for one that an earlier run has kept. @returns false if it has waited long enough. */
  keepAgain(message: InboundMessage, key: number): boolean {
    const since = this.clock.elapsed() - Math.max(0, this.clock.now() - message.receivedAt);
    if (this.isOverdue({ since, lifeMs: null })) return false;
    // The broker has heard of it.
    this.keep({ message, key, since, lifeMs: null, acknowledge: () => {} });
    return true;
  }

  takeKept(): readonly Arrival[] {
    const kept = this.early;
    this.early = [];
    this.firsts.clear();
    return kept;
  }

  /** Whole ms. */
  waitedMs({ since }: Pick<Arrival, 'since'>): number {
    return Math.floor(this.clock.elapsed() - since);
  }

  /** ms until the first that is kept has waited long enough; null if none is. */
  get dueInMs(): number | null {
    if (this.early.length === 0) return null;
    return this.early.reduce((least, arrival) => Math.min(least, this.leftMs(arrival)), this.patienceMs);
  }

  isOverdue(waiting: Waiting): boolean {
    return this.leftMs(waiting) <= 0;
  }

  private leftMs(waiting: Waiting): number {
    return Math.min(this.patienceMs, waiting.lifeMs ?? this.patienceMs) - this.waitedMs(waiting);
  }
}
