import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { STREAMS_A_BROWSER, Turns } from '../../../../src/io/inspector/page/turns.ts';

interface Page {
  readonly turns: Turns;
  /** Whether it has a stream. */
  listens: boolean;
}

/** Windows of one browser: what one tells, all others hear. */
let pages: Page[];
/** Those that say nothing any more, nor hear anything. */
let crashed: Set<Page>;

beforeEach(() => {
  vi.useFakeTimers();
  pages = [];
  crashed = new Set();
});
afterEach(() => vi.useRealTimers());

function open(): Page {
  const page: Page = {
    listens: false,
    turns: new Turns({
      id: `page ${pages.length}`,
      send: (told) => {
        if (crashed.has(page)) return;
        for (const other of pages) if (other !== page && !crashed.has(other)) other.turns.heard(structuredClone(told));
      },
      now: () => Date.now(),
      onTurn: (isOurs) => {
        page.listens = isOurs;
      },
    }),
  };
  pages.push(page);
  vi.advanceTimersByTime(1_500);
  page.turns.look();
  page.turns.want();
  return page;
}

const listening = () => pages.flatMap(({ listens }, n) => (listens ? [n] : []));

describe('turns of the pages of one browser', () => {
  it('the four that were looked at last listen, however many there are', () => {
    for (let n = 0; n < 9; n += 1) open();
    expect(STREAMS_A_BROWSER).toBe(4);
    expect(listening()).toEqual([5, 6, 7, 8]);
  });

  it('who is looked at again listens again, and the one looked at longest ago does not', () => {
    for (let n = 0; n < 6; n += 1) open();
    pages[0]?.turns.look();
    expect(listening()).toEqual([0, 3, 4, 5]);
  });

  it('when one leaves, the next one goes on', () => {
    for (let n = 0; n < 6; n += 1) open();
    pages[5]?.turns.rest();
    const left = pages[5];
    if (left !== undefined) left.listens = false;
    expect(listening()).toEqual([1, 2, 3, 4]);
  });

  it('one that crashed is missed after a while', () => {
    for (let n = 0; n < 5; n += 1) open();
    const last = pages[4];
    if (last === undefined) throw new Error('no page');
    crashed.add(last);
    last.listens = false;
    vi.advanceTimersByTime(5_000);
    expect(listening()).toEqual([1, 2, 3]);
    vi.advanceTimersByTime(10_000);
    expect(listening()).toEqual([0, 1, 2, 3]);
  });

  it('one that nobody has looked at yet leaves the others theirs', () => {
    for (let n = 0; n < 4; n += 1) open();
    const hidden: Page = { listens: true, turns: unseen(() => hidden) };
    pages.push(hidden);
    hidden.turns.want();
    expect(listening()).toEqual([0, 1, 2, 3]);
  });

  it('what is no word of a page is not heard', () => {
    const page = open();
    for (const told of [null, 7, 'x', {}, { id: 'a' }, { id: 'a', lookedAt: 'now', wants: true }])
      page.turns.heard(told);
    expect(listening()).toEqual([0]);
  });
});

function unseen(page: () => Page): Turns {
  return new Turns({
    id: 'hidden',
    send: (told) => {
      for (const other of pages) if (other !== page()) other.turns.heard(told);
    },
    now: () => Date.now(),
    onTurn: (isOurs) => {
      page().listens = isOurs;
    },
  });
}
