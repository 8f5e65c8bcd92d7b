import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

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
  /** By then a request must have come, ms. */
  readonly requestMs?: number;
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
  { host, port, connections, requestMs = REQUEST_MS }: BoundedServerOptions,
  answer: RequestListener,
): Promise<BoundedServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: requestMs / 5,
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
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket as Socket));
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

const REFUSALS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** What is no request, or none in time, is told so where nothing has been said yet, and hung up on. */
function refuse({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const status = REFUSALS[code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
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
