import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 15_000;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type FakeAnswer =
  | {
      readonly status?: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string | string[]>>;
    }
  /** Never answers. */
  | 'hang'
  /** Closes the connection without an answer. */
  | 'cut'
  /** Closes it in the middle of one. */
  | 'cutInside';

export type Handler = (request: SeenRequest, times: number) => FakeAnswer | Promise<FakeAnswer>;

export const CAR = '11111111-2222-3333-4444-555555555555';
export const VIN = 'KNAC381ABN0000001';
export const DEVICE = '99999999-8888-7777-6666-555555555555';
export const ok = (resMsg?: unknown, msgId = 'aaaaaaaa-0000-0000-0000-000000000001'): FakeAnswer => ({
  body: { retCode: 'S', resCode: '0000', resMsg, msgId },
});
export const spa = (status: number, resCode: string, resMsg: string): FakeAnswer => ({
  status,
  body: { retCode: 'F', resCode, resMsg, msgId: 'x' },
});
export const tokenExpired: FakeAnswer = { status: 401, body: { error: 'Key not authorized: Token is expired' } };

/** A scripted cloud: answers by `METHOD /path`, keeps what it saw. Just enough for one account with one classic car. */
export class FakeCloud {
  readonly requests: SeenRequest[] = [];
  readonly #handlers = new Map<string, Handler>();
  readonly #server: Server;
  readonly #waiting: { readonly key: string; readonly count: number; readonly then: () => void }[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.on('POST /api/v1/spa/notifications/register', () => ok({ deviceId: DEVICE }));
    this.on('PUT /api/v1/user/pin', () => ({ body: { controlToken: 'control-1', expiresTime: 600 } }));
    this.on('GET /api/v1/spa/vehicles', () => ok({ vehicles: [vehicle()] }));
    this.on(`POST /api/v1/spa/vehicles/${CAR}/control/door`, () => ok(undefined, 'action-1'));
  }

  static async start(): Promise<FakeCloud> {
    const server = createServer();
    const cloud = new FakeCloud(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const seen = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        const answer = await cloud.#answer(seen);
        if (answer === 'hang') return;
        if (answer === 'cut') {
          request.socket.destroy();
          return;
        }
        if (answer === 'cutInside') {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
          response.write('{"retCode":');
          setImmediate(() => request.socket.destroy());
          return;
        }
        const { status = 200, body, headers = {} } = answer;
        const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
        response.writeHead(status, {
          'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
          ...headers,
        });
        response.end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `key` is `METHOD /path` without the query. */
  on(key: string, handler: Handler): this {
    this.#handlers.set(key, handler);
    return this;
  }

  seen(key: string): readonly SeenRequest[] {
    return this.requests.filter((request) => keyOf(request) === key);
  }

  /** Resolves when this many requests of this kind have arrived; rejects, with those that have, after a deadline. */
  arrived(key: string, count = 1): Promise<void> {
    if (this.seen(key).length >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        const seen = this.requests.map(keyOf).join(', ');
        reject(new Error(`Waited ${DEADLINE_MS} ms in vain for ${count} × ${key}. There came: ${seen || 'nothing'}.`));
      }, DEADLINE_MS);
      const then = () => {
        clearTimeout(late);
        resolve();
      };
      this.#waiting.push({ key, count, then });
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: SeenRequest): Promise<FakeAnswer> {
    this.requests.push(request);
    const key = keyOf(request);
    const times = this.seen(key).length;
    for (const waiting of this.#waiting) if (waiting.key === key && times >= waiting.count) waiting.then();
    const handler = this.#handlers.get(key);
    return handler === undefined ? { status: 404, body: '<html>not found</html>' } : await handler(request, times);
  }
}

function keyOf({ method, path }: SeenRequest): string {
  return `${method} ${path.split('?')[0]}`;
}

export function vehicle(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    vin: VIN,
    type: 'EV',
    vehicleId: CAR,
    vehicleName: 'EV6',
    nickname: 'Blue',
    year: '2023',
    regDate: '2024-01-01 00:00:00.000',
    protocolType: 0,
    ccuCCS2ProtocolSupport: 0,
    ...changes,
  };
}
