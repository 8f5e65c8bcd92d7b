import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAssets } from '../../../src/io/inspector/assets.ts';
import type { Entry } from '../../../src/io/inspector/wire.ts';

const PAGE = new URL('../../../dist/io/inspector/page/', import.meta.url).pathname;
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface FakeOptions {
  readonly port?: number;
  readonly recordings?: Readonly<Record<string, string>>;
  /** Without it, everybody may look. */
  readonly token?: string;
}

/** Serves the built page and plays entries to it: what the page does is tested apart from the daemon. */
export class FakeServer {
  readonly #server: Server;
  readonly #boot = randomUUID();
  readonly #streams = new Set<ServerResponse>();
  readonly #assets = readAssets(PAGE);
  readonly #options: FakeOptions;
  readonly entries: Entry[];
  /** How often somebody asked for everything. */
  snapshots = 0;
  origin = '';

  private constructor(entries: readonly Entry[], options: FakeOptions) {
    this.entries = [...entries];
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(entries: readonly Entry[], options: FakeOptions = {}): Promise<FakeServer> {
    const fake = new FakeServer(entries, options);
    fake.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(fake.#server, 'listening');
    fake.origin = `http://127.0.0.1:${fake.port}`;
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get listeners(): number {
    return this.#streams.size;
  }

  /** Tells everybody who listens. */
  tell(entries: readonly Entry[]): void {
    this.entries.push(...entries);
    const text = entries.map(messageOf).join('');
    for (const stream of this.#streams) stream.write(text);
  }

  /** To those who listen, without keeping it. */
  tellDropped(count: number): void {
    const seq = this.entries.at(-1)?.seq ?? 0;
    const told = { type: 'bluelinkd.dropped', seq, at: Date.now(), count, sinceSeq: seq - count };
    for (const stream of this.#streams) stream.write(`event: ${told.type}\ndata: ${JSON.stringify(told)}\n\n`);
  }

  /** Ends every stream, as a network does. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    response.setHeader('content-security-policy', CSP);
    response.setHeader('x-content-type-options', 'nosniff');
    const asset = this.#assets.get(pathname);
    if (asset !== undefined) {
      response.writeHead(200, { 'content-type': asset.contentType }).end(asset.body);
      return;
    }
    if (pathname === '/sign-in') {
      await this.#signIn(request, response);
      return;
    }
    const { token, recordings = {} } = this.#options;
    if (token !== undefined && request.headers.cookie !== `session=${token}`) {
      response.writeHead(401).end();
      return;
    }
    const [, , name] = pathname.split('/').slice(1);
    if (pathname === '/events') this.#stream(Number(searchParams.get('since')), response);
    else if (pathname === '/api/snapshot') send(response, this.#snapshot());
    else if (pathname === '/api/recordings') {
      const about = { startedAt: Date.now(), why: 'command failed' };
      send(
        response,
        Object.entries(recordings).map(([each, text]) => ({ name: each, bytes: text.length, ...about })),
      );
    } else if (name !== undefined && recordings[name] !== undefined) response.end(recordings[name]);
    else response.writeHead(404).end();
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { token } = JSON.parse(body) as { readonly token: string };
    if (token !== this.#options.token) response.writeHead(401).end();
    else response.writeHead(204, { 'set-cookie': `session=${token}; HttpOnly; SameSite=Strict; Path=/` }).end();
  }

  #stream(since: number, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const seq = this.entries.at(-1)?.seq ?? 0;
    const hello = { type: 'bluelinkd.hello', seq, at: Date.now(), boot: this.#boot, version: '0.1.0' };
    response.write(`event: ${hello.type}\ndata: ${JSON.stringify(hello)}\n\n`);
    response.write(
      this.entries
        .filter((entry) => entry.seq > since)
        .map(messageOf)
        .join(''),
    );
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  #snapshot() {
    this.snapshots += 1;
    const seq = this.entries.at(-1)?.seq ?? 0;
    const about = { boot: this.#boot, version: '0.1.0', simulated: true, startedAt: Date.now(), at: Date.now() };
    return { ...about, seq, actors: [], entries: this.entries };
  }
}

const messageOf = (entry: Entry) => `id: ${entry.seq}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`;
const send = (response: ServerResponse, value: unknown) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
