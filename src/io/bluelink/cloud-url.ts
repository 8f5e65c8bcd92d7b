/** `baseUrl` is scheme, host and port, without a slash at its end. */
export type CloudUrl = { readonly ok: true; readonly baseUrl: string } | { readonly ok: false; readonly error: string };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The URL that stands for every host of the vendor's cloud. Passwords and tokens go there: hence plain http on this
 * machine only. `error` is a sentence for a person, without the URL, which may carry a password.
 */
export function parseCloudUrl(text: string): CloudUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ok: false, error: 'The cloud URL is not a URL; expected something like http://127.0.0.1:8080.' };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { ok: false, error: 'The cloud URL must begin with https:// (or http:// on this machine).' };
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, error: 'The cloud URL must not carry a user name or password.' };
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { ok: false, error: 'The cloud URL must be scheme, host and port only, without a path or query.' };
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return { ok: false, error: 'The cloud URL may use http:// for this machine only; use https:// for other hosts.' };
  }
  return { ok: true, baseUrl: url.origin };
}
