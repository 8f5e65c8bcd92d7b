import type { BrokerLocation } from './options.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** From the URL, decoded; null if it names none. */
  readonly username: string | null;
  readonly password: string | null;
}

/** Schemes that a broker's URL may have, and whether they mean TLS. */
const SCHEMES: ReadonlyMap<string, boolean> = new Map([
  ['mqtt:', false],
  ['tcp:', false],
  ['mqtts:', true],
  ['ssl:', true],
  ['tls:', true],
]);

const PLAIN_PORT = 1883;
const TLS_PORT = 8883;

/** @throws Error with a sentence for a person that repeats nothing of the URL but its scheme: it may hold a password. */
export function brokerAddress(location: BrokerLocation): BrokerAddress {
  if (!('url' in location)) {
    const port = location.port ?? (location.tls ? TLS_PORT : PLAIN_PORT);
    return { host: location.host, port, tls: location.tls, username: null, password: null };
  }
  const url = parsed(location.url);
  const tls = SCHEMES.get(url.protocol);
  if (tls === undefined) {
    throw new Error(`The broker's URL begins with "${url.protocol}", which is not supported. Use mqtt: or mqtts:.`);
  }
  if (url.hostname === '') throw new Error("The broker's URL names no host. It looks like mqtt://host:1883.");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? TLS_PORT : PLAIN_PORT) : Number(url.port),
    tls,
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The parser's own error carries its input.
    throw new Error("The broker's URL cannot be read. It looks like mqtt://host:1883.");
  }
}

function decoded(part: string): string | null {
  if (part === '') return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `host:port` for sentences; IPv6 in brackets. */
export function hostAndPort(address: BrokerAddress): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
