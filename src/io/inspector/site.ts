import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Assets } from './assets.ts';
import { bodyOf } from './body.ts';
import { type Guard, isFromTls, isPrivateWay } from './guard.ts';
import { LISTENERS, type Listeners } from './listeners.ts';
import type { Recordings } from './recordings.ts';
import { cookieFor, type SignIn } from './sign-in.ts';

export interface SiteOptions {
  readonly guard: Guard;
  /** Null: everybody who reaches us may look. */
  readonly signIn: SignIn | null;
  readonly assets: Assets;
  readonly listeners: Listeners;
  readonly recordings: Recordings;
  /** JSON. */
  readonly snapshot: () => Buffer;
  /** JSON; null if nothing is known of it. */
  readonly journey: (commandId: string) => string | null;
}

/** Whoever asks and does not read keeps what was answered in memory, until its time is over. */
const ANSWERS_AT_ONCE = 8;
/** Too many, too often, not ours: whoever is told so makes room for others. */
const GO_AWAY: ReadonlySet<number> = new Set([421, 429, 503]);
const JSON_TYPE = 'application/json; charset=utf-8';
const SIGN_IN_BYTES = 4_096;
const LONGEST_ID = 1_024;
const RECORDING_PATH = '/api/recordings/';
const JOURNEY_PATH = '/api/journey/';

/** Nothing from elsewhere, nothing inline; nobody frames it, nobody else may read it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const signInBody = z.object({ token: z.string().min(1) });
const wholeNumber = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** What is served: the page, what it asks for, the stream. Read only, but for signing in. */
export class Site {
  readonly #options: SiteOptions;
  /** Answers that may be large and have not been read to their end. */
  #underWay = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch {
      if (response.headersSent) response.destroy();
      else this.#refuse(request, response, 500, 'That could not be told.');
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { guard, assets, signIn } = this.#options;
    const refusal = guard.refusal(request);
    if (refusal !== null) return this.#refuse(request, response, refusal.status, refusal.message);
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    if (path === '/sign-in') return this.#signIn(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return this.#refuse(request, response, 405, 'Only GET and HEAD.');
    }
    // What is sent along is not wanted, and not waited for.
    request.resume();
    const asset = assets.get(path);
    const isSafeWay = signIn === null || isPrivateWay(request);
    const access = signIn === null ? 'in' : isSafeWay ? signIn.check(request, this.#cookieName(request)) : 'out';
    if (asset !== undefined && (access === 'in' || path === '/' || path.startsWith('/assets/'))) {
      // The page tells nothing by itself; without a session all that it can do is ask for the token.
      this.#send(request, response, access === 'in' || path !== '/' ? 200 : 401, asset.contentType, asset.body);
      return;
    }
    if (!isSafeWay) return this.#refuse(request, response, 403, NOT_IN_THE_OPEN);
    if (access === 'tooOften') return this.#refuse(request, response, 429, TOO_OFTEN);
    if (access === 'out') return this.#refuse(request, response, 401, 'Sign in first.');
    await this.#told(request, response, path);
  }

  async #told(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { recordings, snapshot, journey } = this.#options;
    if (path === '/events') return this.#listen(request, response);
    if (this.#underWay >= ANSWERS_AT_ONCE)
      return this.#refuse(request, response, 503, 'Too many ask at the same time.');
    this.#underWay += 1;
    response.once('close', () => {
      this.#underWay -= 1;
    });
    if (path === '/api/snapshot') return this.#send(request, response, 200, JSON_TYPE, snapshot());
    if (path === '/api/recordings') {
      return this.#send(request, response, 200, JSON_TYPE, JSON.stringify(await recordings.list()));
    }
    if (path.startsWith(RECORDING_PATH)) {
      const recording = await recordings.read(path.slice(RECORDING_PATH.length));
      if (recording !== null) return this.#send(request, response, 200, 'application/jsonl; charset=utf-8', recording);
    }
    if (path.startsWith(JOURNEY_PATH)) {
      const id = decoded(path.slice(JOURNEY_PATH.length));
      const rows = id === null ? null : journey(id);
      if (rows !== null) return this.#send(request, response, 200, JSON_TYPE, rows);
      return this.#refuse(request, response, 404, 'Nothing is known of this command (any more).');
    }
    this.#refuse(request, response, 404, 'There is nothing here.');
  }

  #listen(request: IncomingMessage, response: ServerResponse): void {
    const { listeners } = this.#options;
    if (listeners.isFull) {
      this.#refuse(request, response, 503, `${LISTENERS} pages listen already: close one of them.`);
      return;
    }
    if (request.method === 'HEAD') {
      this.#send(request, response, 200, 'text/event-stream', '');
      return;
    }
    const since = numberOf(request.headers['last-event-id']) ?? numberOf(sinceIn(request.url ?? ''));
    request.socket.setTimeout(0);
    response.writeHead(200, {
      ...HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    listeners.add(response, since);
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { signIn } = this.#options;
    if (request.method !== 'POST') return this.#refuse(request, response, 405, 'Only POST.');
    if (signIn === null) return this.#refuse(request, response, 404, 'There is no token to sign in with.');
    if (!isPrivateWay(request)) return this.#refuse(request, response, 403, NOT_IN_THE_OPEN);
    const body = await bodyOf(request, SIGN_IN_BYTES);
    const given = body === null ? null : signInBody.safeParse(jsonOf(body));
    if (given === null || !given.success) {
      return this.#refuse(request, response, body === null ? 413 : 400, 'Send {"token": "…"} as JSON.');
    }
    const result = signIn.try(given.data.token, request.socket.remoteAddress ?? '');
    if (!result.ok) {
      return result.tooOften
        ? this.#refuse(request, response, 429, TOO_OFTEN)
        : this.#refuse(request, response, 401, 'That is not the token.');
    }
    const isSecure = isFromTls(request.headers['x-forwarded-proto']);
    const cookie = cookieFor(this.#cookieName(request), result.session, isSecure);
    response.writeHead(204, { ...HEADERS, 'set-cookie': cookie });
    response.end();
  }

  /** Cookies do not know ports: two daemons on one machine have two names. */
  #cookieName({ socket }: IncomingMessage): string {
    return `bluelinkd-${socket.localPort ?? 0}`;
  }

  #refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
    if (response.destroyed) return;
    const isOver = request.method !== 'GET' && request.method !== 'HEAD';
    const extra = {
      ...(status === 405 ? { allow: request.url === '/sign-in' ? 'POST' : 'GET, HEAD' } : {}),
      ...(status === 429 ? { 'retry-after': '60' } : {}),
      // Whatever else it sends is not read.
      ...(isOver || GO_AWAY.has(status) ? { connection: 'close' } : {}),
    };
    request.resume();
    this.#send(request, response, status, JSON_TYPE, `${JSON.stringify({ error: message })}\n`, extra);
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    contentType: string,
    body: string | Buffer,
    extra: Readonly<Record<string, string>> = {},
  ): void {
    if (response.destroyed) return;
    response.writeHead(status, {
      ...HEADERS,
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      ...extra,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

const TOO_OFTEN = 'Too many wrong tokens: wait a minute.';
const NOT_IN_THE_OPEN =
  'A token is taken over TLS (through a proxy that sets X-Forwarded-Proto) or on this machine only: on the open network others could read it.';

function sinceIn(url: string): string | undefined {
  const query = url.split('?', 2)[1];
  return query === undefined ? undefined : (new URLSearchParams(query).get('since') ?? undefined);
}

function numberOf(text: string | readonly string[] | undefined): number | null {
  if (typeof text !== 'string' || text === '') return null;
  const parsed = wholeNumber.safeParse(text);
  return parsed.success ? parsed.data : null;
}

function decoded(text: string): string | null {
  try {
    const id = decodeURIComponent(text);
    return id === '' || id.length > LONGEST_ID ? null : id;
  } catch {
    return null;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
