interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Host, or suffix of hosts when it begins with a dot. */
  readonly domain: string;
}

/** The cookies of one login: enough of the rules for the vendor's pages, forgotten at its end. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Takes the `Set-Cookie` headers of an answer from `url`. */
  take(url: string, headers: readonly string[] | undefined): void {
    const { hostname } = new URL(url);
    for (const header of headers ?? []) {
      const [pair = '', ...attributes] = header.split(';');
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const name = pair.slice(0, equals).trim();
      const value = pair.slice(equals + 1).trim();
      const domain = domainOf(attributes, hostname);
      const key = `${domain} ${name}`;
      if (isExpired(attributes)) this.#cookies.delete(key);
      else this.#cookies.set(key, { name, value, domain });
    }
  }

  /** The `Cookie` header for a call to `url`, or null. */
  header(url: string): string | null {
    const { hostname } = new URL(url);
    const fitting = [...this.#cookies.values()].filter(({ domain }) =>
      domain.startsWith('.') ? `.${hostname}`.endsWith(domain) : hostname === domain,
    );
    return fitting.length === 0 ? null : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

/** A cookie may be for a parent of the host that sets it, never for another one or for a top-level domain. */
function domainOf(attributes: readonly string[], hostname: string): string {
  for (const attribute of attributes) {
    const domain = /^\s*domain\s*=\s*\.?([^\s]+)\s*$/i.exec(attribute)?.[1]?.toLowerCase();
    if (domain?.includes('.') && `.${hostname}`.endsWith(`.${domain}`)) return `.${domain}`;
  }
  return hostname;
}

function isExpired(attributes: readonly string[]): boolean {
  return attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute));
}
