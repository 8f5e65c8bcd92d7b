import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings } from '../../machines/domain/settings.ts';
import { keyFacts, whole, wholeList } from './fields.ts';
import type { RawObject } from './tree.ts';

/**
 * Every wait and bound of the actor protocol as a key: the setting `tokenWaitMs` is `timing.token_wait_ms`, the setting
 * `queueLimit` is `limits.queue_limit`. The defaults are `DEFAULT_SETTINGS`, nowhere else.
 */

const DAY_MS = 86_400_000;

type KeysOf<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings];

function wait(setting: KeysOf<number>, about: string, min = 1) {
  return whole({ about }, DEFAULT_SETTINGS[setting], { min, max: DAY_MS, unit: 'ms' });
}

function bound(setting: KeysOf<number>, about: string, min = 1, max = 100_000) {
  return whole({ about }, DEFAULT_SETTINGS[setting], { min, max });
}

export const timingSection = z
  .strictObject({
    token_wait_ms: wait('tokenWaitMs', 'How long a command waits for a token.'),
    permit_wait_ms: wait('permitWaitMs', 'How long a command waits for its turn at the cloud.'),
    call_timeout_ms: wait('callTimeoutMs', 'The time-out of a call that the cloud answers by itself.'),
    forced_read_timeout_ms: wait('forcedReadTimeoutMs', 'The time-out of a call that waits for the car.'),
    freshness_ms: wait(
      'freshnessMs',
      'A command that was not sent this long after it came is `expired`. Time behind other commands of its car does not count.',
    ),
    queue_wait_ms: wait('queueWaitMs', 'The most that a command waits behind others of its car.'),
    whole_ms: wait('wholeMs', 'From a command’s turn to its end, confirmation aside.'),
    forced_whole_ms: wait('forcedWholeMs', 'The same for a read that wakes the car.'),
    car_busy_pause_ms: wait(
      'carBusyPauseMs',
      'The pause before a command is repeated that the cloud called a duplicate request.',
    ),
    look_after_ms: wholeList(
      { about: 'When to look for the confirmation of a control, counted from its acceptance; rising.' },
      DEFAULT_SETTINGS.lookAfterMs,
      { min: 1, max: DAY_MS, unit: 'ms' },
      32,
    ),
    look_every_ms: wait('lookEveryMs', 'The rhythm after the last of these looks.'),
    lock_confirm_ms: wait('lockConfirmMs', 'How long the confirmation of lock and unlock is looked for.'),
    windows_confirm_ms: wait('windowsConfirmMs', 'The same for windows.'),
    climate_confirm_ms: wait('climateConfirmMs', 'The same for climate and charging current.'),
    other_confirm_ms: wait('otherConfirmMs', 'The same for every other command.'),
    read_pause_ms: wait('readPauseMs', 'From a confirmed command to the read that brings the new state.', 0),
    settle_ms: wait('settleMs', 'How long a car is left alone after a command that ended without the car’s word.', 0),
    refresh_permit_wait_ms: wait('refreshPermitWaitMs', 'How long a refresh of the token waits for its turn.'),
    refresh_timeout_ms: wait('refreshTimeoutMs', 'The time for a refresh and the login that may follow it, together.'),
    cooldown_ms: wait('cooldownMs', 'The time in which a refreshed token must prove itself.'),
    visit_window_ms: wait('visitWindowMs', 'The window in which refreshes are counted against `limits.visit_limit`.'),
    renewal_retry_ms: wait('renewalRetryMs', 'How long after a failed renewal of a good session the next is tried.'),
    outage_retry_ms: wait('outageRetryMs', 'The first pause after a refresh that met an outage; doubles.'),
    outage_retry_max_ms: wait('outageRetryMaxMs', 'The longest of these pauses.'),
    refused_retry_ms: wait('refusedRetryMs', 'The first pause after a refresh that was refused; doubles.'),
    refused_retry_max_ms: wait('refusedRetryMaxMs', 'The longest of these pauses.'),
    open_ms: wait('openMs', 'How long the breaker stays open; doubles when the probe fails.'),
    open_max_ms: wait('openMaxMs', 'The longest that the breaker stays open for.'),
    permit_limit_ms: wait('permitLimitMs', 'After this a permit is taken back from a call that never reported.'),
    list_retry_ms: wait('listRetryMs', 'The first pause after the vehicle list could not be read; doubles.'),
    list_retry_max_ms: wait('listRetryMaxMs', 'The longest of these pauses.'),
    restart_window_ms: wait(
      'restartWindowMs',
      'The window in which restarts of an actor are counted against `limits.restart_limit`.',
    ),
    shutdown_ms: wait('shutdownMs', 'The time for commands in flight to end when the daemon is stopped.'),
  })
  .prefault({})
  .register(keyFacts, { about: 'Every wait of the actor protocol.', type: 'section', fallback: null });

export const limitsSection = z
  .strictObject({
    car_busy_repeats: bound(
      'carBusyRepeats',
      'How often a command is repeated that the cloud called a duplicate request.',
      0,
      3,
    ),
    queue_limit: bound('queueLimit', 'Commands that may wait for one car.'),
    join_limit: bound('joinLimit', 'Commands that may share one call with an equal one.'),
    visit_limit: bound('visitLimit', 'Refreshes of one account within `timing.visit_window_ms`.', 1, 1_000),
    waiter_limit: bound('waiterLimit', 'Commands of one account that may wait for a token.'),
    failure_threshold: bound('failureThreshold', 'Consecutive failures that open the breaker.', 1, 1_000),
    calls_in_flight: bound('callsInFlight', 'Calls of one account at the same time.', 1, 64),
    car_reads_in_flight: bound('carReadsInFlight', 'Calls of one account that wait for a car at the same time.', 1, 64),
    line_limit: bound('lineLimit', 'Callers of one account that may wait for their turn at the cloud.'),
    restart_limit: bound(
      'restartLimit',
      'Restarts of one actor within `timing.restart_window_ms`. One that dies more often stays down.',
      0,
      1_000,
    ),
    login_budget_per_day: whole(
      {
        about:
          'Logins of one account within a day, counted across restarts. A login counts when the server answered it.',
      },
      3,
      { min: 0, max: 100 },
    ),
  })
  .prefault({})
  .register(keyFacts, { about: 'Every bound of the actor protocol.', type: 'section', fallback: null });

export type Timing = z.output<typeof timingSection>;
export type Limits = z.output<typeof limitsSection>;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
type Camelled<T> = { readonly [K in keyof T & string as Camel<K>]: T[K] };

function camelled<T extends object>(section: T): Camelled<T> {
  const entries = Object.entries(section).map(([key, value]) => [
    key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Camelled<T>;
}

/** The two sections as the machines want them. That none is missing or too many is checked by the types. */
export function settingsOf(config: {
  readonly timing: Timing;
  readonly limits: Limits;
  readonly poll_interval_s: number;
  readonly budget: { readonly min_battery_12v_pct: number };
}): Settings {
  const { login_budget_per_day: _, ...bounds } = config.limits;
  const settings: Camelled<Timing> & Camelled<typeof bounds> = { ...camelled(config.timing), ...camelled(bounds) };
  return {
    ...settings,
    pollIntervalMs: config.poll_interval_s * 1000,
    minBattery12vPct: config.budget.min_battery_12v_pct,
  } satisfies Settings;
}

/** The waits that a section with mistakes still tells, on top of the defaults; `isSound` says which of its keys are none. */
export function settingsWithin(section: RawObject, isSound: (key: string) => boolean): Settings {
  const sound = Object.entries(section).filter(([key]) => isSound(key));
  const read = timingSection.safeParse(Object.fromEntries(sound));
  return read.success ? { ...DEFAULT_SETTINGS, ...camelled(read.data) } : DEFAULT_SETTINGS;
}

/** The key of a setting: `tokenWaitMs` → `timing.token_wait_ms`. */
export function keyOfSetting(setting: keyof Settings): string {
  if (setting === 'pollIntervalMs') return 'poll_interval_s';
  if (setting === 'minBattery12vPct') return 'budget.min_battery_12v_pct';
  const key = setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${key.endsWith('_ms') ? 'timing' : 'limits'}.${key}`;
}
