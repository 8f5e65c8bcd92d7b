import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Who may ask at all: by which name we are called, and from which page. */

const LOOPBACK_ADDRESS = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** Which only a proxy, a tunnel or a content network sets. */
const OF_A_PROXY =
  /^(?:forwarded|via|cdn-loop|x-(?:forwarded|original|envoy|azure|amzn)(?:-.*)?|cf-.*|x-real-ip|(?:.*-)?client-?ip)$/;

/** Whether nobody but this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || LOOPBACK_ADDRESS.test(host);
}

export interface GuardOptions {
  /** The address that is listened on, as configured. */
  readonly host: string;
  /** Other names by which it is called, as through a proxy; without or with port. */
  readonly names: readonly string[];
  /** Nobody is asked for a token. */
  readonly isOpen: boolean;
}

/**
 * Checks the Host header: a web page elsewhere can have its own name point here, but cannot change that header. Where no
 * name is configured, ours are the loopback names, the configured host, and the very address that was connected to.
 */
export class Guard {
  readonly #host: string;
  readonly #names: ReadonlySet<string>;
  readonly #isLoopback: boolean;
  readonly #isOpen: boolean;

  constructor({ host, names, isOpen }: GuardOptions) {
    this.#isOpen = isOpen;
    // "Everywhere" is no name.
    this.#host = host === '0.0.0.0' || host === '::' ? 'localhost' : host.toLowerCase();
    this.#names = new Set(names.map((name) => name.toLowerCase()));
    this.#isLoopback = isLoopback(host);
  }

  /** Null, or the status and the sentence of the refusal. */
  refusal(request: IncomingMessage): { readonly status: 403 | 421; readonly message: string } | null {
    const { headers, headersDistinct, socket } = request;
    // Of two, a proxy on the way may have looked at the other one.
    const isOneHost = headersDistinct.host?.length === 1;
    if (!isOneHost || !this.#isOurs(headers.host?.toLowerCase(), socket.localAddress, socket.localPort)) {
      return { status: 421, message: 'This host is not served here. Other names belong into inspector.names.' };
    }
    // Many proxies call us by the address that they know: whoever came to them is not on this machine for that.
    if (this.#isOpen && Object.keys(headers).some((name) => OF_A_PROXY.test(name))) {
      return { status: 403, message: 'This came through a proxy: that demands inspector.token.' };
    }
    const { origin } = headers;
    if (origin !== undefined) {
      const scheme = isFromTls(headers['x-forwarded-proto']) ? 'https:' : 'http:';
      const message = strangeness(origin, headers.host ?? '', scheme);
      if (message !== null) return { status: 403, message };
    }
    const site = headers['sec-fetch-site'];
    const isFromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
    // A link from elsewhere may lead to the page; nothing else of it may be used from there.
    const isFollowedLink = headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET' && request.url === '/';
    if (isFromElsewhere && !isFollowedLink) return { status: 403, message: FROM_ELSEWHERE };
    return null;
  }

  #isOurs(host: string | undefined, address: string | undefined, port: number | undefined): boolean {
    if (host === undefined || port === undefined) return false;
    if (this.#names.has(host)) return true;
    const own = this.#isLoopback ? LOOPBACK_NAMES : [...LOOPBACK_NAMES, this.#host, plain(address ?? '')];
    return own.some((name) => host === `${bracketed(name)}:${port}` || (port === 80 && host === bracketed(name)));
  }
}

/** IPv4 as IPv6 writes it is IPv4. */
const plain = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d)/, '');
const bracketed = (name: string) => (isIP(name) === 6 ? `[${name}]` : name);

const FROM_ELSEWHERE = 'Pages from elsewhere may not ask.';

/** Null for our own page; else the sentence of the refusal. @param scheme by which we are reached. */
function strangeness(origin: string, host: string, scheme: 'http:' | 'https:'): string | null {
  if (!URL.canParse(origin)) return FROM_ELSEWHERE;
  const { protocol, host: from } = new URL(origin);
  // The port that goes without saying may be said in the Host header.
  const usual = protocol === 'http:' ? ':80' : ':443';
  const isOurHost = host.toLowerCase() === from || host.toLowerCase() === `${from}${usual}`;
  if (!isOurHost) return FROM_ELSEWHERE;
  if (protocol === scheme) return null;
  return protocol === 'https:'
    ? 'This page came over TLS, and the proxy in between does not say so: it must set X-Forwarded-Proto.'
    : FROM_ELSEWHERE;
}

/**
 * Whether a token may come this way: over loopback or within this machine, or from a proxy that says it came to it by TLS.
 * Who lies about that endangers only its own token.
 */
export function isPrivateWay({ headers, socket }: IncomingMessage): boolean {
  const { remoteAddress = '', localAddress = '' } = socket;
  if (LOOPBACK_ADDRESS.test(remoteAddress) || (remoteAddress !== '' && remoteAddress === localAddress)) return true;
  return isFromTls(headers['x-forwarded-proto']);
}

export function isFromTls(forwarded: string | readonly string[] | undefined): boolean {
  const first = typeof forwarded === 'string' ? forwarded.split(',')[0] : forwarded?.[0];
  return first?.trim().toLowerCase() === 'https';
}
