import type { IncomingMessage } from 'node:http';

/** A request that has been read whole. Header names are lower case. */
export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** `http://<host as the client wrote it>`: where links to ourselves point. */
  readonly base: string;
  header(name: string): string | null;
  cookie(name: string): string | undefined;
  /** The body as JSON, undefined if it is none. */
  json(): unknown;
  form(): URLSearchParams;
}

/** Method, path and query of a request line; null when it makes no sense. */
export function parseTarget(
  target: string | undefined,
): { readonly path: string; readonly query: URLSearchParams } | null {
  if (target === undefined) return null;
  const absolute = /^https?:\/\/[^/?#]*/i.exec(target);
  const relative = absolute === null ? target : target.slice(absolute[0].length) || '/';
  if (!relative.startsWith('/')) return null;
  const [path = '/', ...rest] = relative.split('?');
  return { path, query: new URLSearchParams(rest.join('?')) };
}

export function toRequest(
  message: IncomingMessage,
  target: { readonly path: string; readonly query: URLSearchParams },
  body: Buffer,
): SimRequest {
  const header = (name: string): string | null => {
    const value = message.headers[name];
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
  };
  return {
    method: message.method ?? 'GET',
    path: target.path,
    query: target.query,
    body,
    base: `http://${header('host') ?? ''}`,
    header,
    cookie: (name) => parseCookies(header('cookie')).get(name),
    json: () => parseJson(body),
    form: () => new URLSearchParams(body.toString('utf8')),
  };
}

/** Reads a body of at most `limit` bytes; null when it is longer. Rejects when the client goes away. */
export function readBody(message: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        message.pause();
        resolve(null);
      } else chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', reject);
    message.on('close', () => reject(new Error('The client closed the connection before its request was complete.')));
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function parseCookies(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) cookies.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return cookies;
}
