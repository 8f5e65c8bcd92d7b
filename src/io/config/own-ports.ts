import type { z } from 'zod';
import * as field from './fields.ts';
import { isRead } from './relations.ts';

/** What the daemon listens with by itself. */
interface Sections {
  readonly mqtt: { readonly embedded: boolean; readonly port: number | null };
  readonly metrics: { readonly host: string; readonly port: number | null };
  readonly inspector: { readonly host: string; readonly port: number | null };
}

interface Listener {
  readonly section: keyof Sections;
  readonly host: string;
  readonly port: number;
}

/** No two of the daemon's own servers at one place: the second could not be opened. Port 0 is another for each. */
export function ownPortsDiffer({ mqtt, metrics, inspector }: Sections, context: z.RefinementCtx): void {
  const at = (section: keyof Sections, host: string, port: number | null): readonly Listener[] =>
    port === null || port === 0 ? [] : [{ section, host: host.toLowerCase().replace('localhost', '127.0.0.1'), port }];
  const isSectionRead = (section: keyof Sections, ...keys: readonly string[]) =>
    keys.every((key) => isRead(context, [section, key]));
  const listeners = [
    ...(isSectionRead('mqtt', 'embedded', 'port') && mqtt.embedded ? at('mqtt', '127.0.0.1', mqtt.port ?? 1883) : []),
    ...(isSectionRead('metrics', 'host', 'port') ? at('metrics', metrics.host, metrics.port) : []),
    ...(isSectionRead('inspector', 'host', 'port') ? at('inspector', inspector.host, inspector.port) : []),
  ];
  listeners.forEach((listener, index) => {
    const other = listeners.slice(0, index).find((earlier) => isOnePlace(earlier, listener));
    if (other === undefined) return;
    field.addProblem(
      context,
      [listener.section, 'port'],
      `is ${listener.port}, like ${other.section}.port: each needs a port of its own`,
    );
  });
}

function isOnePlace(one: Listener, other: Listener): boolean {
  if (one.port !== other.port) return false;
  return one.host === other.host || holds(one.host, other.host) || holds(other.host, one.host);
}

/** Whether whoever listens everywhere listens at this address, too. */
function holds(everywhere: string, host: string): boolean {
  return everywhere === '::' || (everywhere === '0.0.0.0' && /^[\d.]+$/.test(host));
}
