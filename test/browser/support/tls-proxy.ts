import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../support/self-signed.ts';

/** Which of these a proxy says differs from one to the next. */
export interface ProxyManners {
  /** The Host header that the browser sent, or that of what it stands before. */
  readonly keepsHost: boolean;
  /** Says that the browser came by TLS. */
  readonly saysTls: boolean;
}

/** Stands before an inspector with a certificate that nobody signed, as people put nginx or Caddy there. */
export class TlsProxy {
  readonly #server: Server;
  /** URL of what it stands before. */
  target = '';

  private constructor({ keepsHost, saysTls }: ProxyManners) {
    this.#server = createServer(selfSigned('car.localhost'), (incoming, outgoing) => {
      const { hostname, port, host } = new URL(this.target);
      const headers = {
        ...incoming.headers,
        host: keepsHost ? incoming.headers.host : host,
        'x-forwarded-for': incoming.socket.remoteAddress,
        ...(saysTls ? { 'x-forwarded-proto': 'https' } : {}),
      };
      const onward = request(
        { host: hostname, port, path: incoming.url, method: incoming.method, headers, agent: false },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          outgoing.flushHeaders();
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
  }

  static async start(manners: ProxyManners = { keepsHost: true, saysTls: true }): Promise<TlsProxy> {
    const proxy = new TlsProxy(manners);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** A name that leads to this machine, and is none that an inspector knows by itself. */
  get host(): string {
    return `car.localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get origin(): string {
    return `https://${this.host}`;
  }

  /** Ends what goes through it now. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
