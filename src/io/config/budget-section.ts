import { z } from 'zod';
import { keyFacts, whole } from './fields.ts';

/** How much is asked of the cloud and of the cars' batteries. */
export const budgetSection = z
  .strictObject({
    calls_per_day: whole(
      {
        about:
          'The calls to the cloud that an account should make in a day (UTC); 0: no limit. The vendor allows about 200: set that for a real account. With a limit, the cloud’s own count (`x-ratelimit-remaining`) is heeded, too. Polling stops first (it may use a tenth at once and half by the end of the day), then reads that nobody asked for (at 60 %), then reads that were asked for (at 75 %). Controls, their confirmation and the read after them are never refused by this limit.',
      },
      0,
      { min: 0, max: 1_000_000 },
    ),
    forced_reads_per_day: whole(
      { about: 'How often each car may be woken to be read, in any 24 hours; 6 spares the battery. 0: no limit.' },
      0,
      { min: 0, max: 1_000 },
    ),
    forced_read_gap_s: whole(
      {
        about: 'How long a car is left alone after it was woken to be read; 1800 spares the battery. 0: no such limit.',
      },
      0,
      { min: 0, max: 86_400, unit: 's' },
    ),
  })
  .prefault({})
  .register(keyFacts, {
    about: 'How much is asked of the cloud, per account, and of the batteries of the cars.',
    type: 'section',
    fallback: null,
  });
