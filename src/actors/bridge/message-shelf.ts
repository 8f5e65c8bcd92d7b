import type { Clock, InboundMessage } from '../ports.ts';

const LIMIT = 1_024;
const EARLY_LIMIT = 256;

/**
 * Holds the content of messages, so that events carry a ticket only: what strangers send never enters an actor's mailbox,
 * a snapshot or the inspector.
 */
export class MessageShelf {
  private readonly clock: Clock;
  private readonly patienceMs: number;
  private readonly messages = new Map<number, InboundMessage>();
  private early: InboundMessage[] = [];
  private next = 1;

  /** @param patienceMs how long a message waits for its car to be listed. */
  constructor(clock: Clock, patienceMs: number) {
    this.clock = clock;
    this.patienceMs = patienceMs;
  }

  /** @returns null when too many messages wait to be looked at. */
  put(message: InboundMessage): number | null {
    if (this.messages.size >= LIMIT) return null;
    const ticket = this.next;
    this.next += 1;
    this.messages.set(ticket, message);
    return ticket;
  }

  take(ticket: number): InboundMessage | null {
    const message = this.messages.get(ticket) ?? null;
    this.messages.delete(ticket);
    return message;
  }

  /** Keeps a message whose car is not known yet. @returns false when there are too many. */
  keep(message: InboundMessage): boolean {
    if (this.early.length >= EARLY_LIMIT) return false;
    this.early.push(message);
    return true;
  }

  takeKept(): readonly InboundMessage[] {
    const kept = this.early;
    this.early = [];
    return kept;
  }

  isOverdue(message: InboundMessage): boolean {
    return this.clock.now() - message.receivedAt >= this.patienceMs;
  }
}
