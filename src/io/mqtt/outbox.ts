import type { OutboundMessage } from '../../actors/ports.ts';

export interface OutboxLimits {
  readonly awayLimit: number;
  readonly backlogLimit: number;
  readonly retainedLimit: number;
}

/** A message on its way; `ticket` names it when it is settled. */
export interface Dispatch {
  readonly ticket: number;
  readonly message: OutboundMessage;
}

/**
 * What is to be published, in order. Of a retained topic only the last value matters, so a new one takes the place of
 * one that still waits (at the end of the line), and all of them are sent again on a new connection. Other messages wait
 * while the broker is away if they want an acknowledgement, up to a bound beyond which the oldest are dropped.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #retained = new Map<string, OutboundMessage>();
  /** Keys: the topic of a retained message, the number of another. */
  readonly #waiting = new Map<string | number, OutboundMessage>();
  readonly #sent = new Map<number, OutboundMessage>();
  #waitingOthers = 0;
  #next = 0;
  #connected = false;
  #dropped = 0;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#sent.size;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#sent.size === 0;
  }

  /** How many messages were dropped since the last time this was asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /**
   * @returns `droppedOldest` when the bound made room by dropping; `notKept` for what the broker's absence makes
   *   pointless (QoS 0) and for a retained topic beyond the bound, which is sent but not repeated.
   */
  add(message: OutboundMessage): 'waiting' | 'droppedOldest' | 'notKept' {
    if (message.retain) return this.#addRetained(message);
    if (!this.#connected && message.qos === 0) return 'notKept';
    this.#waiting.set(this.#next++, message);
    this.#waitingOthers += 1;
    return this.#trim() ? 'droppedOldest' : 'waiting';
  }

  #addRetained(message: OutboundMessage): 'waiting' | 'notKept' {
    this.#waiting.delete(message.topic);
    const isKnown = this.#retained.delete(message.topic);
    const isKept = isKnown || this.#retained.size < this.#limits.retainedLimit;
    if (isKept) this.#retained.set(message.topic, message);
    if (this.#connected) this.#waiting.set(message.topic, message);
    return isKept ? 'waiting' : 'notKept';
  }

  take(): Dispatch | null {
    const first = this.#waiting.entries().next();
    if (first.done === true) return null;
    const [key, message] = first.value;
    this.#waiting.delete(key);
    if (typeof key === 'number') this.#waitingOthers -= 1;
    const ticket = this.#next++;
    this.#sent.set(ticket, message);
    return { ticket, message };
  }

  /** The broker has it, or refused it for good. */
  settle(ticket: number): void {
    const message = this.#sent.get(ticket);
    this.#sent.delete(ticket);
    // An empty payload deletes a retained topic at the broker: once that is done, there is nothing left to repeat.
    if (message?.payload === '' && this.#retained.get(message.topic) === message) this.#retained.delete(message.topic);
  }

  connectionLost(): void {
    this.#connected = false;
    const unsettled = [...this.#sent.values()];
    const waiting = [...this.#waiting.values()];
    this.#sent.clear();
    this.#waiting.clear();
    this.#waitingOthers = 0;
    for (const message of [...unsettled, ...waiting]) {
      if (message.retain || message.qos === 0) continue;
      this.#waiting.set(this.#next++, message);
      this.#waitingOthers += 1;
    }
    this.#trim();
  }

  /** Puts the last value of every retained topic at the head of the line. */
  connectionBack(): void {
    this.#connected = true;
    const others = [...this.#waiting];
    this.#waiting.clear();
    for (const [topic, message] of this.#retained) this.#waiting.set(topic, message);
    for (const [key, message] of others) this.#waiting.set(key, message);
  }

  #trim(): boolean {
    const limit = this.#connected ? this.#limits.backlogLimit : this.#limits.awayLimit;
    if (this.#waitingOthers <= limit) return false;
    for (const key of this.#waiting.keys()) {
      if (typeof key !== 'number') continue;
      this.#waiting.delete(key);
      this.#waitingOthers -= 1;
      this.#dropped += 1;
      if (this.#waitingOthers <= limit) break;
    }
    return true;
  }
}
