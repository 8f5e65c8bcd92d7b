export type CloudUrl = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/**
 * Checks the base URL that replaces every cloud host: `http` for loopback hosts only, `https` elsewhere; no user name,
 * path, query or fragment.
 * @returns the URL without a slash at its end, or what is wrong as the end of a sentence that begins with the key.
 */
export function parseCloudUrl(text: string): CloudUrl {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { ok: false, problem: 'must be an address such as https://cloud.example or http://127.0.0.1:8080' };
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, problem: 'must not contain a user name or password' };
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { ok: false, problem: 'must be scheme, host and port only, without a path or query' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return {
      ok: false,
      problem: 'must begin with https: plain http is allowed for this machine only (127.0.0.1, [::1], localhost)',
    };
  }
  return { ok: true, value: url.origin };
}
