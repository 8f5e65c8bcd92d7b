import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Feed } from '../../../src/io/inspector/feed.ts';
import { Listeners } from '../../../src/io/inspector/listeners.ts';
import { Ring } from '../../../src/io/inspector/ring.ts';

describe('the ring buffer', () => {
  it('keeps the newest by number, without a gap', () => {
    const ring = new Ring<number>({ count: 3, bytes: 1_000 });
    expect([ring.first, ring.last, ring.at(1)]).toEqual([1, 0, undefined]);
    for (const n of [1, 2, 3, 4, 5]) ring.push(n, 0, 10);
    expect([ring.first, ring.last, ring.bytes]).toEqual([3, 5, 30]);
    expect([2, 3, 4, 5, 6].map((seq) => ring.at(seq)?.seen)).toEqual([undefined, 3, 4, 5, undefined]);
    expect(ring.newest(2).map(({ seen }) => seen)).toEqual([4, 5]);
    expect(ring.newest(Number.POSITIVE_INFINITY).map(({ seq }) => seq)).toEqual([3, 4, 5]);
  });

  it('never holds more bytes than it may, what was made of a thing included', () => {
    const ring = new Ring<string>({ count: 100, bytes: 1_000 });
    for (let n = 0; n < 50; n += 1) {
      const kept = ring.push('x', 0, 60);
      ring.setText(kept, 'y'.repeat(40));
      expect(ring.bytes).toBeLessThanOrEqual(1_000);
    }
    expect([ring.first, ring.last, ring.bytes]).toEqual([41, 50, 1_000]);
    const old = ring.push('z', 0, 10);
    for (let n = 0; n < 200; n += 1) ring.push('x', 0, 10);
    ring.setText(old, 'late'.repeat(100));
    expect(ring.bytes).toBe(1_000);
  });
});

/** A connection that takes what it is given only while it wants to. */
class Connection extends EventEmitter {
  readonly written: string[] = [];
  takes = true;
  destroyed = false;
  write(text: string): boolean {
    this.written.push(text);
    return this.takes;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('a listener', () => {
  afterEach(() => vi.useRealTimers());

  function listening() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const feed = new Feed({ clean: (text) => text });
    const presence: boolean[] = [];
    const onPresence = (isAnybody: boolean) => void presence.push(isAnybody);
    const listeners = new Listeners({ feed, boot: 'b', version: '0', now: () => 0, onPresence });
    const connection = new Connection();
    listeners.add(connection as unknown as ServerResponse, null);
    const say = () => feed.add({ type: 'log', level: 'info', message: 'm', fields: {} }, 0);
    return { feed, listeners, connection, presence, say };
  }

  it('that takes nothing for 20 seconds is disconnected, and nothing was written to it meanwhile', () => {
    const { listeners, connection, presence, say } = listening();
    connection.takes = false;
    say();
    vi.advanceTimersByTime(100);
    const written = connection.written.length;
    for (let second = 0; second < 19; second += 1) {
      say();
      vi.advanceTimersByTime(1_000);
      listeners.buryDead();
    }
    expect([connection.destroyed, connection.written.length, listeners.count]).toEqual([false, written, 1]);
    vi.advanceTimersByTime(1_500);
    listeners.buryDead();
    expect([connection.destroyed, listeners.count, presence]).toEqual([true, 0, [true, false]]);
  });

  it('that takes again goes on at once; one that hears nothing because there is nothing is left alone', () => {
    const { listeners, connection, say } = listening();
    connection.takes = false;
    say();
    vi.advanceTimersByTime(100);
    say();
    connection.takes = true;
    connection.emit('drain');
    expect(connection.written.at(-1)).toMatch(/^id: 2\nevent: bluelinkd\.log\ndata: \{"type":"bluelinkd\.log"/);
    vi.advanceTimersByTime(3_600_000);
    listeners.buryDead();
    expect(connection.destroyed).toBe(false);
  });
});
