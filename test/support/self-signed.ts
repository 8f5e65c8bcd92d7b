import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Without it there are no certificates, and no tests of TLS. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/**
 * A certificate that nobody has signed but itself, made for this run.
 *
 * @param host a name, or an IPv4 address.
 */
export function selfSigned(host: string): Identity {
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-tls-'));
  const kind = /^[\d.]+$/.test(host) ? 'IP' : 'DNS';
  try {
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${host}`, '-addext', `subjectAltName=${kind}:${host}`],
      ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    ]);
    if (made.status !== 0) throw new Error('openssl made no certificate.');
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
