/** Milliseconds of the machine's monotonic clock, which every process on it reads alike; its zero means nothing. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
