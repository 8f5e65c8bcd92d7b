/**
 * Every wait and bound of the protocol. Times in ms. Configuration fills it; machines read it from their input and never
 * change it. The inequalities between them are tested in test/machines/settings.test.ts.
 */
export interface Settings {
  // Command
  readonly tokenWaitMs: number;
  readonly permitWaitMs: number;
  readonly callTimeoutMs: number;
  readonly forcedReadTimeoutMs: number;
  /** A command not dispatched this long after it came is `expired`; the time behind others of its car does not count. */
  readonly freshnessMs: number;
  /** The most that a command waits behind others of its car. */
  readonly queueWaitMs: number;
  /** From its turn to its end, confirmation aside. */
  readonly wholeMs: number;
  readonly forcedWholeMs: number;
  readonly carBusyPauseMs: number;
  readonly carBusyRepeats: number;
  /** When to look for the confirmation, counted from acceptance; after the last, every `lookEveryMs`. */
  readonly lookAfterMs: readonly number[];
  readonly lookEveryMs: number;
  readonly lockConfirmMs: number;
  readonly windowsConfirmMs: number;
  /** Of climate and charging current. */
  readonly climateConfirmMs: number;
  readonly otherConfirmMs: number;
  /** How long a car is left alone after a command that ended without the record's word. */
  readonly settleMs: number;
  /**
   * From a confirmed command to the read that brings the new state. If that is from before it, it is repeated `lookEveryMs`
   * later, then twice and four times that.
   */
  readonly readPauseMs: number;
  // Vehicle
  /** Between two readings of the cloud's memory that nobody asked for; 0: none are made. Shorter while charging. */
  readonly pollIntervalMs: number;
  /** %: with less in its 12 V battery a car is not woken to be read; 0: it is. */
  readonly minBattery12vPct: number;
  readonly queueLimit: number;
  readonly joinLimit: number;
  // Token
  readonly refreshPermitWaitMs: number;
  /** For the refresh and the login after it, together. */
  readonly refreshTimeoutMs: number;
  readonly cooldownMs: number;
  readonly visitLimit: number;
  readonly visitWindowMs: number;
  readonly renewalRetryMs: number;
  readonly outageRetryMs: number;
  readonly outageRetryMaxMs: number;
  readonly refusedRetryMs: number;
  readonly refusedRetryMaxMs: number;
  readonly waiterLimit: number;
  // Breaker
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly openMaxMs: number;
  readonly callsInFlight: number;
  readonly carReadsInFlight: number;
  readonly permitLimitMs: number;
  readonly lineLimit: number;
  // Account and fleet
  readonly listRetryMs: number;
  readonly listRetryMaxMs: number;
  readonly restartLimit: number;
  readonly restartWindowMs: number;
  readonly shutdownMs: number;
}

export const DEFAULT_SETTINGS: Settings = {
  tokenWaitMs: 30_000,
  permitWaitMs: 30_000,
  callTimeoutMs: 20_000,
  forcedReadTimeoutMs: 120_000,
  freshnessMs: 60_000,
  queueWaitMs: 300_000,
  wholeMs: 180_000,
  forcedWholeMs: 400_000,
  carBusyPauseMs: 10_000,
  carBusyRepeats: 3,
  lookAfterMs: [2_000, 4_000, 7_000, 10_000],
  lookEveryMs: 5_000,
  lockConfirmMs: 60_000,
  windowsConfirmMs: 90_000,
  climateConfirmMs: 120_000,
  otherConfirmMs: 60_000,
  settleMs: 5_000,
  readPauseMs: 200,
  pollIntervalMs: 1_800_000,
  minBattery12vPct: 60,
  queueLimit: 16,
  joinLimit: 256,
  refreshPermitWaitMs: 5_000,
  refreshTimeoutMs: 20_000,
  cooldownMs: 30_000,
  visitLimit: 5,
  visitWindowMs: 600_000,
  renewalRetryMs: 300_000,
  outageRetryMs: 5_000,
  outageRetryMaxMs: 60_000,
  refusedRetryMs: 30_000,
  refusedRetryMaxMs: 1_800_000,
  waiterLimit: 4_096,
  failureThreshold: 5,
  openMs: 60_000,
  openMaxMs: 300_000,
  callsInFlight: 4,
  carReadsInFlight: 8,
  permitLimitMs: 150_000,
  lineLimit: 4_096,
  listRetryMs: 30_000,
  listRetryMaxMs: 1_800_000,
  restartLimit: 5,
  restartWindowMs: 600_000,
  shutdownMs: 10_000,
};
