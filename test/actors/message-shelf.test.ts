import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/actors/bridge/message-facts.ts';
import { MessageShelf } from '../../src/actors/bridge/message-shelf.ts';
import type { InboundMessage } from '../../src/actors/ports.ts';

const BASE = 'hyundai';
let elapsedMs = 0;
const clock = { now: () => 1_000_000 + elapsedMs, elapsed: () => elapsedMs };

const message = (car: string, body: object | string): InboundMessage => ({
  topic: `${BASE}/${car}/commands/lock`,
  payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: clock.now(),
  retain: false,
  dup: false,
  qos: 1,
  responseTopic: null,
  correlationData: null,
  messageExpiryS: null,
});

/** A shelf on which these messages have been kept, each so many seconds after the start, and wanted for so many. */
function shelfWith(...kept: readonly (readonly [atS: number, InboundMessage, lifeS?: number])[]): MessageShelf {
  const shelf = new MessageShelf(clock, { patienceMs: 60_000, nameOf: (one) => nameOf(one, BASE) });
  for (const [atS, one, lifeS] of kept) {
    elapsedMs = atS * 1_000;
    const lifeMs = lifeS === undefined ? null : lifeS * 1_000;
    shelf.keep({ message: one, key: null, since: elapsedMs, lifeMs, acknowledge: () => {} });
  }
  return shelf;
}
/** Which of them have waited long enough, so many seconds after the start; they stay on the shelf. */
function overdue(shelf: MessageShelf, atS: number): readonly boolean[] {
  elapsedMs = atS * 1_000;
  const kept = shelf.takeKept();
  for (const arrival of kept) shelf.keep(arrival);
  return kept.map((arrival) => shelf.isOverdue(arrival));
}

describe('messages that wait for their car', () => {
  it('of one command wait for the same time: either all of them are refused, or none', () => {
    const lock = message('c1', { action: 'lock', id: 'a' });
    const shelf = shelfWith([0, lock], [13, lock], [13, message('c1', { action: 'lock', id: 'b' })]);
    expect(overdue(shelf, 59.9)).toEqual([false, false, false]);
    expect(overdue(shelf, 60)).toEqual([true, true, false]);
    expect(overdue(shelf, 73)).toEqual([true, true, true]);
  });

  it('and have no id, or one at another car, wait each for itself', () => {
    const named = { action: 'lock', id: 'a' };
    const shelf = shelfWith(
      [0, message('c1', 'lock')],
      [13, message('c1', 'lock')],
      [20, message('c1', named)],
      [30, message('c2', named)],
    );
    expect(overdue(shelf, 60)).toEqual([true, false, false, false]);
    expect(overdue(shelf, 73)).toEqual([true, true, false, false]);
    expect(overdue(shelf, 80)).toEqual([true, true, true, false]);
  });

  it('do so no longer than their sender wants them', () => {
    const [long, short, longer] = ['a', 'b', 'c'].map((id) => message('c1', { action: 'lock', id }));
    if (long === undefined || short === undefined || longer === undefined) throw new Error('There are three.');
    const shelf = shelfWith([0, long], [10, short, 5], [10, longer, 300]);
    expect(shelf.dueInMs).toBe(5_000);
    expect(overdue(shelf, 14.9)).toEqual([false, false, false]);
    expect(overdue(shelf, 15)).toEqual([false, true, false]);
    expect(overdue(shelf, 60)).toEqual([true, true, false]);
    expect(overdue(shelf, 70)).toEqual([true, true, true]);
  });

  it('and are repetitions, as long as the first of them is wanted', () => {
    const [a, b] = [message('c1', { action: 'lock', id: 'a' }), message('c1', { action: 'lock', id: 'b' })];
    const shelf = shelfWith([0, a], [0, b, 20], [10, a, 5], [10, b]);
    expect(shelf.dueInMs).toBe(10_000);
    expect(overdue(shelf, 15)).toEqual([false, false, false, false]);
    expect(overdue(shelf, 20)).toEqual([false, true, false, true]);
    expect(overdue(shelf, 60)).toEqual([true, true, true, true]);
  });

  it('are forgotten when they have been looked at: who asks again then waits anew', () => {
    const lock = message('c1', { action: 'lock', id: 'a' });
    const shelf = shelfWith([0, lock]);
    shelf.takeKept();
    shelf.keep({ message: lock, key: null, since: 61_000, lifeMs: null, acknowledge: () => {} });
    expect(overdue(shelf, 120)).toEqual([false]);
  });
});
