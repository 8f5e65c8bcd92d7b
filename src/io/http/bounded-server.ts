import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BoundedServer {
  /** `http://127.0.0.1:9465` */
  readonly url: string;
  readonly port: number;
  /** Stops listening and tears every connection down. */
  close(): Promise<void>;
}

export interface BoundedServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** At the same time; further ones are closed. */
  readonly connections: number;
}

const REQUEST_MS = 5_000;
const IDLE_MS = 10_000;
const HEADER_BYTES = 8_192;
const REQUESTS_PER_CONNECTION = 1_000;

/**
 * An HTTP server, everything about it bounded. Nothing that a client sends, or does not send, brings it down.
 *
 * @throws Error with a sentence for a person when the port cannot be had.
 */
export async function openBoundedServer(
  { host, port, connections }: BoundedServerOptions,
  answer: RequestListener,
): Promise<BoundedServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
    },
    (request, response) => {
      request.on('error', () => response.destroy());
      response.on('error', () => response.destroy());
      answer(request, response);
    },
  );
  server.maxConnections = connections;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  // Whoever neither asks nor reads for so long is gone. Listeners have a time limit of their own.
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  await listen(server, host, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'somebody else listens there' : (error.code ?? error.name);
      reject(new Error(`cannot listen on ${host}, port ${port}: ${why}.`));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}
