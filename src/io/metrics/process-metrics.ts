import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Instruments } from './instruments.ts';

export interface ProcessMetrics {
  collect(): void;
  stop(): void;
}

const RESOLUTION_MS = 10;
const PERCENTILES = [50, 90, 99] as const;

/** What the process takes, under the names that dashboards know. */
export function watchProcess(instruments: Instruments): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let told = 0;
  instruments.processStart.set(Math.round(Date.now() / 1000 - process.uptime()));
  /** The histogram holds the whole time between two rounds: what is above the resolution is the delay. */
  const seconds = (nanoseconds: number): number => {
    const delayMs = nanoseconds / 1e6 - RESOLUTION_MS;
    return Number.isFinite(delayMs) ? Math.max(0, delayMs) / 1000 : 0;
  };
  return {
    collect() {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const cpuSeconds = (user + system) / 1e6;
      instruments.processCpu.inc(Math.max(0, cpuSeconds - told));
      told = cpuSeconds;
      instruments.processMemory.set(rss);
      instruments.heapUsed.set(heapUsed);
      instruments.heapTotal.set(heapTotal);
      instruments.externalMemory.set(external);
      for (const percentile of PERCENTILES) {
        instruments.eventLoopDelay.set({ percentile: String(percentile) }, seconds(delay.percentile(percentile)));
      }
      instruments.eventLoopDelay.set({ percentile: '100' }, delay.count === 0 ? 0 : seconds(delay.max));
      delay.reset();
    },
    stop: () => void delay.disable(),
  };
}
