import type { Duplex } from 'node:stream';
import type { Clock, Log, OutboundMessage } from '../../actors/ports.ts';

/** Where the broker listens: a URL (`mqtt://`, `mqtts://`), or its parts. */
export type BrokerLocation =
  | { readonly url: string }
  | { readonly host: string; readonly port: number | null; readonly tls: boolean };

export interface MqttBusOptions {
  readonly broker: BrokerLocation;
  /** Null: those of the URL, else none. */
  readonly username: string | null;
  readonly password: string | null;
  /** Stable across restarts: the broker keeps the session under this name. */
  readonly clientId: string;
  /** Published by the broker when we vanish without a word. */
  readonly will: OutboundMessage | null;
  /** PEM text of the authorities to trust instead of the system's. */
  readonly ca?: string;
  /** Default true. */
  readonly rejectUnauthorized?: boolean;
  /** The highest QoS to publish with; default 1. Subscriptions are always made at QoS 1. */
  readonly qosCeiling?: 0 | 1;
  /** How long an MQTT 5 broker keeps our session while we are away, seconds; default 60. */
  readonly sessionExpiryS?: number;
  readonly timing?: Partial<BusTiming>;
  readonly log: Log;
  readonly clock: Clock;
  /** 0 ≤ x < 1, for the jitter of reconnects; default `Math.random`. */
  readonly random?: () => number;
  /** Opens a connection to the broker; absent: TCP or TLS, as `broker` says. */
  readonly openStream?: () => Duplex;
}

export interface BusTiming {
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** The pause after the broker refused the login. */
  readonly refusedRetryMs: number;
  /** While the broker is away: how long after it was said it is said again; doubles up to the longest. */
  readonly reminderMinMs: number;
  readonly reminderMaxMs: number;
  /** A connection that lived this long makes the next reconnect a quick one again. */
  readonly stableAfterMs: number;
  /** From opening the socket to the broker's welcome. */
  readonly connectTimeoutMs: number;
  /** The longest silence of a broker that owes us an acknowledgement. */
  readonly ackTimeoutMs: number;
  readonly keepaliveS: number;
  /** The longest that a message which came waits to be kept, and so acknowledged. */
  readonly keptTimeoutMs: number;
  /** The longest that `close` waits for the last message. */
  readonly closeMs: number;
  /** Messages kept while the broker is away, retained ones aside. */
  readonly awayLimit: number;
  /** Messages waiting to be sent while the broker is there. */
  readonly backlogLimit: number;
  /** Retained topics whose last value is kept. */
  readonly retainedLimit: number;
  /** Messages sent and not yet acknowledged. */
  readonly inFlightLimit: number;
}

export const DEFAULT_BUS_TIMING: BusTiming = {
  reconnectMinMs: 1_000,
  reconnectMaxMs: 30_000,
  refusedRetryMs: 60_000,
  reminderMinMs: 60_000,
  reminderMaxMs: 3_600_000,
  stableAfterMs: 5_000,
  connectTimeoutMs: 10_000,
  ackTimeoutMs: 30_000,
  keepaliveS: 30,
  keptTimeoutMs: 20_000,
  closeMs: 2_000,
  awayLimit: 1_000,
  backlogLimit: 50_000,
  retainedLimit: 100_000,
  inFlightLimit: 256,
};
