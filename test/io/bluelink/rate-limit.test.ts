import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../src/io/bluelink/rate-limit.ts';

const NOON = Date.parse('2026-11-07T12:00:00Z');
const HOUR_MS = 3_600_000;
const headers = (limit: string, remaining: string, reset?: string) => ({
  'x-ratelimit-limit': limit,
  'x-ratelimit-remaining': remaining,
  ...(reset === undefined ? {} : { 'x-ratelimit-reset': reset }),
});
const unix = (at: number) => String(at / 1000);

/** What was heard at noon, of a call that was served. */
function heard(answer: ReturnType<typeof headers>, served = true): RateLimit {
  const rateLimit = new RateLimit();
  rateLimit.read(answer, NOON, served);
  return rateLimit;
}

describe("the cloud's own count", () => {
  it('says until when it takes no more calls', () => {
    const rateLimit = heard(headers('200', '0', unix(NOON + 2 * HOUR_MS)));
    expect(rateLimit.blockedForMs(NOON)).toBe(2 * HOUR_MS);
    expect(rateLimit.blockedForMs(NOON + 2 * HOUR_MS - 1)).toBe(1);
    expect(rateLimit.blockedForMs(NOON + 2 * HOUR_MS)).toBeNull();
  });

  it('is over when an answer says that calls remain', () => {
    const rateLimit = heard(headers('200', '0', unix(NOON + HOUR_MS)));
    rateLimit.read(headers('200', '7'), NOON + 1, true);
    expect(rateLimit.blockedForMs(NOON + 2)).toBeNull();
  });

  it('is left as it is by an answer that says nothing of it', () => {
    const rateLimit = heard(headers('200', '0', unix(NOON + HOUR_MS)));
    rateLimit.read({}, NOON + 1, true);
    expect(rateLimit.blockedForMs(NOON + 1)).toBe(HOUR_MS - 1);
    expect(rateLimit.state).toEqual({ limit: 200, remaining: 0, resetAt: NOON + HOUR_MS });
  });

  it.each([
    ['no reset', undefined],
    ['a reset that is over', unix(NOON - 1_000)],
    ['a reset of 0', '0'],
    ['a reset that is no number', 'soon'],
  ])('holds for an hour with %s', (_, reset) => {
    expect(heard(headers('200', '0', reset)).blockedForMs(NOON)).toBe(HOUR_MS);
  });

  it.each([
    ['in a hundred years', unix(NOON + 100 * 365 * 24 * HOUR_MS)],
    ['in milliseconds', String(NOON)],
    ['as large as numbers go', '1e308'],
  ])('holds for a day, and then for no one, with a reset %s', (_, reset) => {
    const rateLimit = heard(headers('200', '0', reset));
    expect(rateLimit.blockedForMs(NOON)).toBe(24 * HOUR_MS);
    expect(rateLimit.blockedForMs(NOON + 24 * HOUR_MS)).toBeNull();
  });

  it.each([
    ['a limit of 0, as of a gateway that does not count', headers('0', '0', '0')],
    ['a limit below 0', headers('-1', '0')],
    ['less than nothing', headers('200', '-1')],
    ['no number', headers('200', 'none')],
  ])('is not heeded with %s', (_, answer) => {
    expect(heard(answer).blockedForMs(NOON)).toBeNull();
  });

  it('is not heeded before it was heard: the clock has been set', () => {
    expect(heard(headers('200', '0')).blockedForMs(NOON - HOUR_MS)).toBeNull();
  });

  it('means nothing when calls are served and still none remains, until it says something else', () => {
    const rateLimit = heard(headers('200', '0'));
    const later = NOON + HOUR_MS;
    rateLimit.read(headers('200', '0'), later, true);
    expect(rateLimit.blockedForMs(later)).toBeNull();
    rateLimit.read(headers('200', '0'), later + 1, true);
    expect(rateLimit.blockedForMs(later + 1)).toBeNull();
    rateLimit.read(headers('200', '5'), later + 2, true);
    rateLimit.read(headers('200', '0'), later + 3, true);
    expect(rateLimit.blockedForMs(later + 3)).toBe(HOUR_MS);
  });

  it('means something again when a call is refused', () => {
    const rateLimit = heard(headers('200', '0'));
    const later = NOON + HOUR_MS;
    rateLimit.read(headers('200', '0'), later, true);
    rateLimit.read(headers('200', '0'), later + 1, false);
    expect(rateLimit.blockedForMs(later + 1)).toBe(HOUR_MS);
  });

  it('of calls that were under way when it ran out means what it says', () => {
    const rateLimit = heard(headers('200', '0', unix(NOON + HOUR_MS)));
    rateLimit.read(headers('200', '0', unix(NOON + HOUR_MS)), NOON + 20, true);
    expect(rateLimit.blockedForMs(NOON + 20)).toBe(HOUR_MS - 20);
  });
});
