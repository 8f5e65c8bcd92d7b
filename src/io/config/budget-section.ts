import { z } from 'zod';
import { keyFacts, whole } from './fields.ts';

/** How much is asked of the cloud and of the cars' batteries. */
export const budgetSection = z
  .strictObject({
    calls_per_day: whole(
      {
        about:
          'The calls to the cloud that an account should make in a day (UTC); the vendor allows about 200. 0: no limit. Polling stops first (it may use a tenth at once and half by the end of the day), then reads that nobody asked for (at 60 %), then reads that were asked for (at 75 %). Controls, their confirmation and the read after them are never refused by this limit.',
      },
      200,
      { min: 0, max: 1_000_000 },
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
  })
  .prefault({})
  .register(keyFacts, {
    about: 'How much is asked of the cloud, per account, and of the batteries of the cars.',
    type: 'section',
    fallback: null,
  });
