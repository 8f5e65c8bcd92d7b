import { z } from 'zod';
import { DEFAULT_SETTINGS } from '../../machines/domain/settings.ts';
import { keyFacts, optionalWhole, whole } from './fields.ts';

/**
 * What the vendor's clouds stand in a day, as far as anybody knows: about 200 in Europe by the experience of those who
 * write clients, 30 remote requests in the US by the word of its support. Australia and New Zealand have the European
 * family's gateway with its counter, and nothing else is known of them.
 */
const CALLS_PER_DAY = { EU: 200, US: 30, AU: 200, NZ: 200 } as const;

export function callsPerDayOf(region: keyof typeof CALLS_PER_DAY): number {
  return CALLS_PER_DAY[region];
}

/** How much is asked of the cloud and of the cars' batteries. */
export const budgetSection = z
  .strictObject({
    calls_per_day: optionalWhole(
      {
        about:
          'The calls to the cloud that an account should make in a day (UTC), all its cars together; 0: no limit. Where the key is not set, the account’s region decides. Polling stops first (it may use a tenth at once and half by the end of the day, the cars in turn), then the reads at start (at 60 %), then reads that were asked for (at 75 %). Controls, their confirmation and the read after them are never refused by it, only by the server’s own word (`x-ratelimit-remaining: 0`, 429, 5091), which counts whatever is set here.',
      },
      { min: 0, max: 1_000_000 },
      `by the account’s region: ${Object.entries(CALLS_PER_DAY)
        .map(([region, calls]) => `${region} ${calls}`)
        .join(', ')}`,
    ),
    forced_reads_per_day: whole(
      { about: 'How often each car may be woken to be read, in any 24 hours. 0: no limit.' },
      6,
      { min: 0, max: 1_000 },
    ),
    forced_read_gap_s: whole(
      { about: 'How long a car is left alone after it was woken to be read. 0: no such limit.' },
      1_800,
      { min: 0, max: 86_400, unit: 's' },
    ),
    min_battery_12v_pct: whole(
      {
        about:
          'Below this charge (%) of the 12 V battery, as far as it is known, a car is not woken to be read. 0: no such limit.',
      },
      DEFAULT_SETTINGS.minBattery12vPct,
      { min: 0, max: 100 },
    ),
  })
  .prefault({})
  .register(keyFacts, {
    about:
      'How much is asked of the cloud, per account, and of the batteries of the cars. `force!` overrides our limits, never the server’s.',
    type: 'section',
    fallback: null,
  });
