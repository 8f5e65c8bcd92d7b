import type { Agent, ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { HttpService } from './bluelinky-surface.ts';

/** The largest answer that we read: a list of cars is a few kilobytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Absolute, or a path under the service's base URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /**
   * Kept-alive connections, for reads. Without one the request gets a connection of its own: on a kept one that the
   * server closes at that moment nobody could tell whether a control, or a rotation of tokens, has been processed.
   */
  readonly agent?: Agent;
}

/** An answer, whatever its status: nothing is retried, followed or thrown away on the way here. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

/** No answer. `sent` is whether the request may have left this machine. */
export class TransportError extends Error {
  readonly reason: 'timeout' | 'aborted' | 'network' | 'tooLarge';
  /** `ECONNRESET`, … or null. */
  readonly code: string | null;
  readonly sent: boolean;

  constructor(reason: TransportError['reason'], code: string | null, sent: boolean) {
    super(`${reason}${code === null ? '' : ` (${code})`}`);
    this.name = 'TransportError';
    this.reason = reason;
    this.code = code;
    this.sent = sent;
  }
}

/**
 * One request, exactly once: got 9 would repeat a GET or PUT twice in silence (a forced read would wake the car three
 * times), follow redirects to any host and wait for ever. Rejects with `TransportError` only.
 */
export function send(service: HttpService, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new TransportError('aborted', null, false));
      return;
    }
    let sent = false;
    const pending = service(request.url, {
      method: request.method,
      headers: request.headers ?? {},
      ...(request.body === undefined ? {} : { body: request.body }),
      json: false,
      retry: 0,
      followRedirect: false,
      throwHttpErrors: false,
      agent: request.agent ?? false,
    });

    const settle = (then: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      then();
    };
    const giveUp = (reason: TransportError['reason'], code: string | null) => {
      settle(() => reject(new TransportError(reason, code, sent)));
      pending.cancel?.();
    };
    const onAbort = () => giveUp('aborted', null);
    const timer = setTimeout(() => giveUp('timeout', 'ETIMEDOUT'), request.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });

    pending.on?.('request', (raw) => {
      whenConnected(raw, () => {
        sent = true;
      });
      // got 9 never ends when the connection is cut in the middle of an answer.
      raw.once('response', (response) => response.once('aborted', () => giveUp('network', 'ECONNRESET')));
    });
    pending.on?.('downloadProgress', ({ transferred }) => {
      if (transferred > MAX_ANSWER_BYTES) giveUp('tooLarge', null);
    });
    pending.then(
      ({ statusCode, headers, body }) => settle(() => resolve({ statusCode, headers, body: parseBody(body) })),
      (error: unknown) => settle(() => reject(transportError(error, sent))),
    );
  });
}

function whenConnected(request: ClientRequest, then: () => void): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) then();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', then);
  });
}

function transportError(error: unknown, sent: boolean): TransportError {
  if (error instanceof TransportError) return error;
  const code =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
      ? error.code
      : null;
  return code === 'ETIMEDOUT' ? new TransportError('timeout', code, sent) : new TransportError('network', code, sent);
}

function parseBody(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  const text = body.trim();
  if (!text.startsWith('{') && !text.startsWith('[')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
