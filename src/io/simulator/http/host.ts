const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i;

/**
 * Whether a Host header names this server: a loopback name with its port. Anything else is a web page elsewhere that got
 * its own name to point here.
 */
export function isOwnHost(host: string | undefined, port: number): boolean {
  const found = LOOPBACK.exec(host ?? '');
  return found !== null && Number(found[1] ?? 80) === port;
}
