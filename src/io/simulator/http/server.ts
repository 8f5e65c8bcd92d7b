import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Answer, Reply } from './answer.ts';
import { json } from './answer.ts';
import { isOwnHost } from './host.ts';
import type { SimRequest } from './request.ts';
import { parseTarget, readBody, toRequest } from './request.ts';

/** What became of an answer: it went out, its connection was torn down, or nobody was there any more to take it. */
export type Sent = 'answered' | 'cut' | 'gone';
export type Serve = (request: SimRequest, send: (answer: Answer) => Promise<Sent>) => Promise<void>;

const LOOPBACK = '127.0.0.1';
/** Longer than any client keeps an idle connection, so that none is closed under a request that is just being sent. */
const KEEP_ALIVE_MS = 120_000;

/** The HTTP side: loopback only, foreign Host headers refused, bodies bounded, no malformed request brings it down. */
export class LoopbackServer {
  readonly #serve: Serve;
  readonly #bodyLimit: number;
  #server: Server | null = null;
  #port = 0;

  constructor(serve: Serve, bodyLimit: number) {
    this.#serve = serve;
    this.#bodyLimit = bodyLimit;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; port 0 takes a free one. Rejects with the system's error when the port is taken. */
  async listen(port: number): Promise<void> {
    const server = createServer((message, response) => void this.#take(message, response));
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.on('clientError', (_error, socket) => refuse(socket as Socket));
    server.on('upgrade', (_message, socket) => refuse(socket as Socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LOOPBACK, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops listening and tears every connection down; calls that hang come to their end. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      if (!isOwnHost(message.headers.host, this.#port))
        return write(response, json(421, { error: 'This host is not served here.' }), true);
      const target = parseTarget(message.url);
      if (target === null) return write(response, json(400, { error: 'The request target makes no sense.' }), true);
      const body = await readBody(message, this.#bodyLimit);
      if (body === null) return write(response, json(413, { error: 'The body is too large.' }), true);
      await this.#serve(toRequest(message, target, body), (answer) => this.#send(response, answer));
    } catch {
      // The client left in the middle of its request, or a handler failed: the caller sees a server error at most.
      if (!response.headersSent && !response.destroyed)
        write(response, json(500, { error: 'Internal Server Error' }), true);
      else response.destroy();
    }
  }

  async #send(response: ServerResponse, answer: Answer): Promise<Sent> {
    if (answer.type === 'cut') {
      response.socket?.resetAndDestroy();
      return 'cut';
    }
    if (answer.type === 'hang') {
      await this.#gone(response);
      return 'gone';
    }
    if (response.destroyed) return 'gone';
    write(response, answer, false);
    return 'answered';
  }

  /** Resolves when the client gives up, or the server closes. */
  #gone(response: ServerResponse): Promise<void> {
    if (response.destroyed || this.#server === null) return Promise.resolve();
    return new Promise((resolve) => response.once('close', () => resolve()));
  }
}

function write(response: ServerResponse, { status, headers, content }: Reply, close: boolean): void {
  const body =
    content.type === 'json' ? (JSON.stringify(content.value) ?? '') : content.type === 'text' ? content.text : '';
  const contentType =
    content.type === 'json' ? 'application/json;charset=UTF-8' : content.type === 'text' ? content.contentType : null;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (contentType !== null && !response.hasHeader('content-type')) response.setHeader('content-type', contentType);
  if (status !== 204 && status !== 304 && status >= 200) response.setHeader('content-length', Buffer.byteLength(body));
  if (close) response.setHeader('connection', 'close');
  response.writeHead(status);
  response.end(body);
}

function refuse(socket: Socket): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  else socket.destroy();
}
