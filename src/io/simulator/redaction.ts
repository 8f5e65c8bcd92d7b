/** Query parameters whose values may stand in the log. Everything else in a query may be a code, a token or a name. */
const HARMLESS = new Set(['response_type', 'lang', 'ui_locales', 'country', 'serviceType', 'scope', 'grant_type']);

const LONGEST = 500;

/** A path for the log: values of query parameters are left out unless they are known to be harmless. */
export function redactTarget(path: string, query: URLSearchParams): string {
  const parts = [...query].map(
    ([name, value]) => `${encodeURIComponent(name)}=${HARMLESS.has(name) ? encodeURIComponent(value) : '***'}`,
  );
  const shown = parts.length === 0 ? path : `${path}?${parts.join('&')}`;
  return shown.slice(0, LONGEST);
}
