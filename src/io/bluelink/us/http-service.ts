import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpService, PendingResponse, RawResponse, ServiceOptions } from '../bluelinky-surface.ts';

/**
 * An HTTP service as bluelinky's, over Node's own client: bluelinky's American one has none to take. It knows no retry,
 * redirect or time-out; `send` (http-call.ts) is what ends a call.
 */
export function nodeHttpService(baseUrl: string): HttpService {
  const service = (url: string, options: ServiceOptions): PendingResponse =>
    begin(new URL(url.startsWith('/') ? `${baseUrl}${url}` : url), options);
  return Object.assign(service, { extend: () => nodeHttpService(baseUrl) });
}

function begin(url: URL, { method = 'GET', headers = {}, body, agent = false }: ServiceOptions): PendingResponse {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
  let raw: ClientRequest;
  try {
    raw = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      headers: { ...sent, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      agent: agent as false,
    });
  } catch (error) {
    // A header that HTTP does not allow.
    return Promise.reject(error);
  }
  const progress: ((progress: { readonly transferred: number }) => void)[] = [];
  const answer = new Promise<RawResponse>((resolve, reject) => {
    // Not once: an error after the end would have nobody else to hear it.
    raw.on('error', reject);
    raw.once('response', (response) => {
      const heard = (transferred: number) => {
        for (const listener of progress) listener({ transferred });
      };
      read(response, heard).then(resolve, reject);
    });
  });
  raw.end(body);
  return Object.assign(answer, {
    cancel: () => void raw.destroy(),
    on(event: 'request' | 'downloadProgress', listener: (news: never) => void) {
      if (event === 'request') (listener as (request: ClientRequest) => void)(raw);
      else progress.push(listener as (typeof progress)[number]);
    },
  });
}

async function read(response: IncomingMessage, heard: (transferred: number) => void): Promise<RawResponse> {
  const chunks: Buffer[] = [];
  let transferred = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    transferred += (chunk as Buffer).length;
    heard(transferred);
  }
  const { statusCode = 0, headers } = response;
  return { statusCode, headers, body: Buffer.concat(chunks).toString('utf8') };
}
