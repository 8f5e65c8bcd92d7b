import { describe, expect, it } from 'vitest';
import { daysOf, halfDayTime, timeOfDay } from '../../../../src/io/bluelink/translate/schedules.ts';

describe('the time of a timer', () => {
  it.each([
    [14, 40, '14:40'],
    [0, 0, '00:00'],
    [31, 70, null],
    [31, 63, null],
    [23, 60, null],
    [7.5, 0, null],
    [-1, 0, null],
    [null, 0, null],
    [0, null, null],
  ])('%j:%j is %j', (hour, minute, time) => {
    expect(timeOfDay(hour, minute)).toBe(time);
  });

  it.each([
    ['0740', 0, '07:40'],
    ['0740', 1, '19:40'],
    ['1200', 0, '00:00'],
    ['1230', 1, '12:30'],
    ['2200', 1, '22:00'],
    ['2200', null, '22:00'],
    ['0740', null, null],
    ['0740', 7, null],
    ['0000', 0, null],
    ['3170', 0, null],
    ['740', 0, null],
    [null, 0, null],
  ])('%j of half %j is %j', (digits, half, time) => {
    expect(halfDayTime(digits, half)).toBe(time);
  });

  it('is of days from Sunday on, of which 9 is none', () => {
    expect(daysOf([0, 1, 6, 9, -1, 0.5])).toEqual(['sun', 'mon', 'sat']);
    expect(daysOf([9])).toEqual([]);
  });
});
