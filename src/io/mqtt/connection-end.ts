/**
 * Why a connection to the broker ended, or never began.
 *
 * - `unsupportedProtocol`: the broker does not speak this version of MQTT.
 * - `refused`: it does not let us in, and asking again soon will not help.
 * - `unreachable`: there was never a connection.
 * - `lost`: there was one.
 */
export interface ConnectionEnd {
  readonly kind: 'unsupportedProtocol' | 'refused' | 'unreachable' | 'lost';
  /** One sentence for a person, without secrets, ending in a full stop. */
  readonly reason: string;
  /** What a developer looks for: `ECONNREFUSED`, `CONNACK 0x86`. */
  readonly cause: string;
}

/** CONNACK codes of MQTT 3.1.1 (below 0x80) and MQTT 5. */
const REFUSALS: ReadonlyMap<number, (at: string) => string> = new Map([
  [0x02, (at) => `The broker at ${at} refuses our client id.`],
  [0x04, (at) => `The broker at ${at} refuses the user name or password.`],
  [0x05, (at) => `The broker at ${at} refuses the login: not authorised. Check user name and password.`],
  [0x85, (at) => `The broker at ${at} refuses our client id.`],
  [0x86, (at) => `The broker at ${at} refuses the user name or password.`],
  [0x87, (at) => `The broker at ${at} refuses the login: not authorised. Check user name and password.`],
  [0x8a, (at) => `The broker at ${at} has banned this client.`],
  [0x8c, (at) => `The broker at ${at} wants another way of logging in than user name and password.`],
  [0x9c, (at) => `The broker at ${at} says that another server must be used.`],
  [0x9d, (at) => `The broker at ${at} says that it has moved to another server.`],
]);

const UNSUPPORTED_PROTOCOL: ReadonlySet<number> = new Set([0x01, 0x84]);

const SYSTEM_ERRORS: ReadonlyMap<string, (at: string, hadConnection: boolean) => string> = new Map([
  ['ECONNREFUSED', (at) => `No broker answers at ${at} (connection refused).`],
  ['ENOTFOUND', (at) => `The name of the broker at ${at} cannot be resolved.`],
  ['EAI_AGAIN', (at) => `The name of the broker at ${at} cannot be resolved at the moment.`],
  ['ETIMEDOUT', (at) => `The broker at ${at} cannot be reached (timed out).`],
  ['EHOSTUNREACH', (at) => `The broker at ${at} cannot be reached (no route).`],
  ['ENETUNREACH', (at) => `The broker at ${at} cannot be reached (no network).`],
  ['ECONNRESET', cutBy],
  ['EPIPE', cutBy],
  ['EPROTO', (at) => `The broker at ${at} does not speak TLS on this port.`],
  ['ERR_SSL_WRONG_VERSION_NUMBER', (at) => `The broker at ${at} does not speak TLS on this port.`],
  ['ERR_TLS_CERT_ALTNAME_INVALID', (at) => `The certificate of the broker at ${at} is for another name.`],
  ['CERT_HAS_EXPIRED', (at) => `The certificate of the broker at ${at} has expired.`],
]);

const UNTRUSTED_CERTIFICATE = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_/;

/** Why the server said goodbye (MQTT 5 DISCONNECT). */
const GOODBYES: ReadonlyMap<number, string> = new Map([
  [0x8b, 'it is shutting down'],
  [0x8d, 'it heard nothing from us for too long'],
  [0x8e, 'another client connected under our client id'],
  [0x93, 'we sent more than it accepts at once'],
  [0x95, 'a packet was too large'],
  [0x97, 'a quota is used up'],
  [0x98, 'an administrator ended it'],
]);

/** @param at `host:port` of the broker. */
export function endByError(error: unknown, at: string, hadConnection: boolean): ConnectionEnd {
  const code = codeOf(error);
  if (typeof code === 'number') return endByRefusal(code, at);
  const kind = hadConnection ? 'lost' : 'unreachable';
  if (code === null) return { kind, reason: failureOf(at, hadConnection), cause: nameOf(error) };
  const sentence = SYSTEM_ERRORS.get(code);
  if (sentence !== undefined) return { kind, reason: sentence(at, hadConnection), cause: code };
  if (UNTRUSTED_CERTIFICATE.test(code)) {
    return { kind, reason: `The certificate of the broker at ${at} cannot be trusted (${code}).`, cause: code };
  }
  return { kind, reason: `The connection to the broker at ${at} failed (${code}).`, cause: code };
}

function endByRefusal(code: number, at: string): ConnectionEnd {
  const cause = `CONNACK 0x${code.toString(16).padStart(2, '0')}`;
  if (UNSUPPORTED_PROTOCOL.has(code)) {
    return {
      kind: 'unsupportedProtocol',
      reason: `The broker at ${at} does not speak this version of MQTT.`,
      cause,
    };
  }
  const sentence = REFUSALS.get(code);
  if (sentence !== undefined) return { kind: 'refused', reason: sentence(at), cause };
  return { kind: 'unreachable', reason: `The broker at ${at} does not accept connections now (${cause}).`, cause };
}

export function endByGoodbye(reasonCode: number, at: string): ConnectionEnd {
  const why = GOODBYES.get(reasonCode);
  const cause = `DISCONNECT 0x${reasonCode.toString(16).padStart(2, '0')}`;
  return {
    kind: 'lost',
    reason: `The broker at ${at} ended the connection: ${why ?? cause}.`,
    cause,
  };
}

export function endBySilence(at: string, what: string, hadConnection: boolean): ConnectionEnd {
  return {
    kind: hadConnection ? 'lost' : 'unreachable',
    reason: `The broker at ${at} did not answer in time (${what}).`,
    cause: `no ${what}`,
  };
}

export function endByClose(at: string, hadConnection: boolean): ConnectionEnd {
  return {
    kind: hadConnection ? 'lost' : 'unreachable',
    reason: hadConnection ? `The broker at ${at} closed the connection.` : cutBy(at, false),
    cause: 'closed',
  };
}

/** A plain port cuts off who begins with TLS, and a TLS port who does not. */
function cutBy(at: string, hadConnection: boolean): string {
  const cut = `The broker at ${at} cut the connection`;
  return hadConnection ? `${cut}.` : `${cut} before it said anything; check the port and mqtt.tls.`;
}

/** An error without a code is one of the parser of packets. */
function failureOf(at: string, hadConnection: boolean): string {
  return hadConnection
    ? `The connection to the broker at ${at} failed.`
    : `What answers at ${at} does not speak MQTT; check the port and mqtt.tls.`;
}

function codeOf(error: unknown): number | string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'number' || typeof error.code === 'string' ? error.code : null;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
