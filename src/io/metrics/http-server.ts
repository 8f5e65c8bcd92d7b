import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BoundedServer, openBoundedServer } from '../http/bounded-server.ts';

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Pages by their path, made when they are asked for. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

export type PageServer = Pick<BoundedServer, 'url' | 'close'>;

export interface PageServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly pages: Pages;
}

/** Scrapers come one at a time; whoever comes in a crowd has to wait outside. */
const CONNECTIONS = 32;
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
  return openBoundedServer(
    { host, port, connections: CONNECTIONS },
    (request, response) => void answer(request, response, pages, isLoopback),
  );
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

async function pageFor(
  { method, headersDistinct, url }: IncomingMessage,
  pages: Pages,
  isLoopback: boolean,
): Promise<Page> {
  // Of two, a proxy on the way may have looked at the other one.
  const { host: hosts = [] } = headersDistinct;
  if (isLoopback && !(hosts.length === 1 && hosts.every((host) => LOOPBACK.test(host))))
    return plain(421, 'This host is not served here.');
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
