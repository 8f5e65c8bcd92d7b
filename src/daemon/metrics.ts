import type { Log } from '../actors/ports.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import type { Metrics } from '../io/metrics/metrics.ts';
import { VERSION } from './version.ts';

type Opened =
  /** Null: the configuration wants none. */
  { readonly ok: true; readonly metrics: Metrics | null } | { readonly ok: false; readonly problem: string };

/** Metrics and health, if the configuration wants them; what they need is loaded only then. */
export async function openMetrics(config: ResolvedConfig, log: Log): Promise<Opened> {
  const { port, host } = config.metrics;
  if (port === null) return { ok: true, metrics: null };
  const { startMetrics } = await import('../io/metrics/metrics.ts');
  try {
    const metrics = await startMetrics({
      host,
      port,
      accounts: config.accounts.map(({ name }) => name),
      baseTopic: config.mqtt.base_topic,
      version: VERSION,
      log: log.child({ actor: 'metrics' }),
    });
    return { ok: true, metrics };
  } catch (error) {
    return { ok: false, problem: `metrics.port: ${error instanceof Error ? error.message : 'cannot be opened.'}` };
  }
}
