import type { CloudClient, Patience } from '../cloud-client.ts';
import { CloudError, ownFailure } from '../cloud-error.ts';
import type { Hosts } from '../hosts.ts';
import type { HttpAnswer, HttpRequest } from '../http-call.ts';
import { CookieJar } from './cookie-jar.ts';

const MAX_REDIRECTS = 10;
/** The cause of the failure of a page that could not be followed to its end. */
export const FOREIGN_REDIRECT = 'redirect';

export interface Page {
  /** Where it was found in the end. */
  readonly url: string;
  readonly statusCode: number;
  readonly body: unknown;
  /** Where we are sent and may go; null if nowhere, or to a stranger. */
  readonly location: string | null;
  /** Where we are sent, as the server wrote it: to be read, not to be called. */
  readonly redirect: URL | null;
}

/**
 * What a login needs of a browser: cookies, and redirects that are followed by hand, only to the vendor's hosts (or, if
 * the cloud URL is replaced, only to that), at most ten. bluelinky's own strategies follow anything anywhere, wait for
 * ever and repeat requests in silence; hence its two protocols are spoken here again.
 */
export class Browser {
  readonly #client: CloudClient;
  readonly #hosts: Hosts;
  readonly #patience: Patience;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #jar = new CookieJar();

  constructor(client: CloudClient, hosts: Hosts, patience: Patience, headers: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#hosts = hosts;
    this.#patience = patience;
    this.#headers = headers;
  }

  /** Gets a page, following redirects. Rejects with `CloudError`. */
  async open(url: string): Promise<Page> {
    let next = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const page = await this.#once({ method: 'GET', url: next });
      if (page.statusCode < 300 || page.statusCode > 399) return page;
      if (page.location === null) throw lost();
      next = page.location;
    }
    throw lost();
  }

  /** Sends once, without following. Rejects with `CloudError`. */
  post(url: string, body: string | undefined, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#once({ method: 'POST', url, headers, ...(body === undefined ? {} : { body }) });
  }

  /** The cookies for a call that is made elsewhere. */
  cookies(url: string): Readonly<Record<string, string>> {
    const cookie = this.#jar.header(url);
    return cookie === null ? {} : { cookie };
  }

  async #once(request: Omit<HttpRequest, 'timeoutMs'>): Promise<Page> {
    const headers = { ...this.#headers, ...request.headers, ...this.cookies(request.url) };
    const answer: HttpAnswer = await this.#client.plain({ ...request, headers }, 'login', this.#patience);
    this.#jar.take(request.url, answer.headers['set-cookie']);
    const { location } = answer.headers;
    return {
      url: request.url,
      statusCode: answer.statusCode,
      body: answer.body,
      location: location === undefined ? null : this.#hosts.resolve(location, request.url),
      redirect: location !== undefined && URL.canParse(location, request.url) ? new URL(location, request.url) : null,
    };
  }
}

function lost(): CloudError {
  return new CloudError(
    ownFailure(
      'invalidResponse',
      'The login leads in circles or to a host that is not the vendor’s.',
      FOREIGN_REDIRECT,
    ),
  );
}
