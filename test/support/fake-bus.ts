import type { BusListener, InboundMessage, MessageBus, OutboundMessage } from '../../src/actors/ports.ts';
import { isUnkept } from '../../src/io/mqtt/acknowledgements.ts';

/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 15_000;

/** A broker in memory: remembers what was published, delivers what a test sends, and lets a test wait for a message. */
export class FakeBus implements MessageBus {
  readonly published: OutboundMessage[] = [];
  /** Whether the broker takes what is published. */
  delivers = true;
  /** Of every message that was sent, in order: what the broker waits for before it forgets it. */
  readonly kept: (Promise<unknown> | undefined)[] = [];
  private listener: BusListener | null = null;
  private readonly watchers = new Set<() => void>();

  start(listener: BusListener): void {
    this.listener = listener;
    queueMicrotask(() => listener.connected({ protocolVersion: 5 }));
  }

  publish(message: OutboundMessage): void {
    this.published.push(message);
    for (const watcher of [...this.watchers]) watcher();
    if (this.delivers) message.delivered?.();
  }

  async close(last: OutboundMessage | null): Promise<void> {
    if (last !== null) this.publish(last);
  }

  send(topic: string, payload: string | object, more: Partial<InboundMessage> = {}): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const kept = this.listener?.message({
      topic,
      payload: new TextEncoder().encode(text),
      retain: false,
      dup: false,
      qos: 1,
      messageExpiryS: null,
      responseTopic: null,
      correlationData: null,
      receivedAt: Date.now(),
      ...more,
    });
    this.kept.push(kept?.then((word) => (isUnkept(word) ? word.over : word)));
  }

  /** All messages of a topic so far, parsed where they are JSON. */
  on(topic: string): readonly unknown[] {
    return this.published.filter((message) => message.topic === topic).map(({ payload }) => parsed(payload));
  }

  /** The first value that `find` makes of what was published; rejects after `deadlineMs`. */
  async until<T>(what: string, find: (bus: FakeBus) => T | undefined, deadlineMs = DEADLINE_MS): Promise<T> {
    const now = find(this);
    if (now !== undefined) return now;
    return new Promise<T>((resolve, reject) => {
      const end = setTimeout(() => {
        this.watchers.delete(look);
        const heard = this.published.map(({ topic, payload }) => `${topic} ${payload}`).join('\n');
        reject(new Error(`Waited ${deadlineMs} ms for ${what}. Published:\n${heard}`));
      }, deadlineMs);
      const look = (): void => {
        const found = find(this);
        if (found === undefined) return;
        clearTimeout(end);
        this.watchers.delete(look);
        resolve(found);
      };
      this.watchers.add(look);
    });
  }
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}
