import { join } from 'node:path';
import type { Log } from '../actors/ports.ts';
import { INSPECTOR_PORT } from '../io/config/inspector-section.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import type { Inspector } from '../io/inspector/inspector.ts';
import type { Secrets } from '../io/log/secrets.ts';
import { systemClock } from './system-clock.ts';
import { VERSION } from './version.ts';

type Opened =
  /** Null: nobody wants one. */
  { readonly ok: true; readonly inspector: Inspector | null } | { readonly ok: false; readonly problem: string };

export interface InspectorWish {
  readonly config: ResolvedConfig;
  readonly log: Log;
  readonly secrets: Secrets;
  /** Wanted even if the configuration says nothing of a port. */
  readonly isAsked: boolean;
  readonly simulated: boolean;
}

/** The inspector, if it is wanted; what it needs is loaded only then. */
export async function openInspector({ config, log, secrets, isAsked, simulated }: InspectorWish): Promise<Opened> {
  const { host, names, token, keep_recordings: keep } = config.inspector;
  const port = config.inspector.port ?? (isAsked ? INSPECTOR_PORT : null);
  if (port === null) return { ok: true, inspector: null };
  const { startInspector } = await import('../io/inspector/inspector.ts');
  try {
    const inspector = await startInspector({
      host,
      port,
      names,
      token,
      accounts: config.accounts.map(({ name }) => name),
      baseTopic: config.mqtt.base_topic,
      carNames: new Map(config.accounts.flatMap(({ vehicles }) => vehicles.map(({ id, name }) => [id, name] as const))),
      secrets,
      logLevel: config.log.level,
      recordings: { folder: join(config.state_dir, 'recordings'), keep },
      version: VERSION,
      simulated,
      clock: systemClock,
      log: log.child({ actor: 'inspector' }),
    });
    return { ok: true, inspector };
  } catch (error) {
    return { ok: false, problem: `inspector.port: ${error instanceof Error ? error.message : 'cannot be opened.'}` };
  }
}
