import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Pages by their path, made when they are asked for. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

export interface PageServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  /** Stops listening and tears every connection down. */
  close(): Promise<void>;
}

export interface PageServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly pages: Pages;
}

/** Scrapers come one at a time; whoever comes in a crowd has to wait outside. */
const CONNECTIONS = 32;
const REQUEST_MS = 5_000;
const IDLE_MS = 10_000;
const HEADER_BYTES = 8_192;
const REQUESTS_PER_CONNECTION = 1_000;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * A small server of pages for machines: GET and HEAD, no bodies, everything bounded. Nothing that a client sends brings it
 * down. On a loopback address it answers only who calls it by a loopback name: a web page elsewhere can have its own name
 * point here, but cannot change the Host header.
 *
 * @throws Error with a sentence for a person when the port cannot be had.
 */
export async function servePages({ host, port, pages }: PageServerOptions): Promise<PageServer> {
  const isLoopback = LOOPBACK.test(host.includes(':') ? `[${host}]` : host);
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(request, response, pages, isLoopback),
  );
  server.maxConnections = CONNECTIONS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  // Whoever neither asks nor reads for so long is gone.
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  await listen(server, host, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
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

const plain = (status: number, text: string): Page => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
  isLoopback: boolean,
): Promise<void> {
  response.on('error', () => response.destroy());
  request.on('error', () => response.destroy());
  // What is sent along is not wanted, and not waited for.
  request.resume();
  const page = await pageFor(request, pages, isLoopback);
  if (response.destroyed) return;
  const isOver = request.method !== 'GET' && request.method !== 'HEAD';
  response.writeHead(page.status, {
    'content-type': page.contentType,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...(isOver ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

async function pageFor({ method, headers, url }: IncomingMessage, pages: Pages, isLoopback: boolean): Promise<Page> {
  if (isLoopback && !LOOPBACK.test(headers.host ?? '')) return plain(421, 'This host is not served here.');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET and HEAD.');
  const path = (url ?? '').split('?', 1)[0] ?? '';
  const make = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (make === undefined) return plain(404, `There is nothing here. Try ${Object.keys(pages).join(', ')}.`);
  try {
    return await make();
  } catch {
    return plain(500, 'That could not be told.');
  }
}
