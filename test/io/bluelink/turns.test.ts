import { expect, it } from 'vitest';
import { Turns } from '../../../src/io/bluelink/turns.ts';

const HOUR_MS = 3_600_000;

/** Who gets a turn of those who ask one after another, when there are so many. */
function round(turns: Turns, cars: string, count: number, now: number): string {
  let left = count;
  return [...cars]
    .filter((car) => {
      const isLet = turns.take(car, left, now);
      if (isLet) left -= 1;
      return isLet;
    })
    .join('');
}

it('everybody has a turn while there are enough', () => {
  expect(round(new Turns(), 'abc', 3, 0)).toBe('abc');
});

it('who went away empty-handed comes first the next time, although the others ask before', () => {
  const turns = new Turns();
  expect(round(turns, 'abcde', 2, 0)).toBe('ab');
  expect(round(turns, 'abcde', 2, 1)).toBe('cd');
  expect(round(turns, 'abcde', 2, 2)).toBe('ae');
  expect(round(turns, 'abcde', 0, 3)).toBe('');
  expect(round(turns, 'abcde', 5, 4)).toBe('abcde');
});

it('whoever asks no more holds the others up for a day and no longer', () => {
  const turns = new Turns();
  expect(round(turns, 'ab', 0, 0)).toBe('');
  expect(round(turns, 'b', 1, HOUR_MS)).toBe('');
  expect(round(turns, 'b', 2, 2 * HOUR_MS)).toBe('b');
  expect(round(turns, 'b', 1, 3 * HOUR_MS)).toBe('');
  expect(round(turns, 'b', 1, 26 * HOUR_MS)).toBe('b');
});
