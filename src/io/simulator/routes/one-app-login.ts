import { europeanOfClient } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { html, json, redirect } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

const SESSION_COOKIE = 'account';
const CONNECTOR_PATH = '/auth/api/v2/user/oauth2/connector/common/authorize';

/**
 * The login of the OneApp at the identity provider: cookies, the key, the password under that key, a code. The client
 * id of the vehicle API is served too, as it was until August 2026 (its code goes to the identity provider's token
 * endpoint).
 */
export const oneAppLogin: readonly Route[] = [
  {
    method: 'GET',
    path: '/auth/api/v2/user/oauth2/authorize',
    kind: 'idp.authorize',
    admission: 'anybody',
    handle: authorize,
  },
  { method: 'GET', path: CONNECTOR_PATH, kind: 'idp.connector', admission: 'anybody', handle: connector },
  { method: 'GET', path: '/auth/api/v1/accounts/certs', kind: 'idp.certs', admission: 'anybody', handle: certificate },
  { method: 'POST', path: '/auth/account/signin', kind: 'idp.signin', admission: 'anybody', handle: signIn },
];

function authorize({ cloud, request }: Exchange): Answer {
  const { query, base } = request;
  const brand = europeanOfClient(query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (brand === null || redirectUri === '') {
    return redirect(
      `${base}/error?${new URLSearchParams({ status: '400', error: 'Bad Request', error_description: 'Bad Request.' })}`,
    );
  }
  const session = cloud.logins.begin(query.get('client_id') ?? '', redirectUri, query.get('state') ?? '');
  const connectorQuery = new URLSearchParams({
    client_id: session.clientId,
    redirect_uri: redirectUri,
    lang: query.get('lang') ?? 'en',
    state: session.state,
    connector_session_key: session.id,
  });
  const pageQuery = new URLSearchParams({
    lang: query.get('lang') ?? 'en',
    next_uri: `${base}${CONNECTOR_PATH}?${connectorQuery}`,
  });
  return redirect(`${base}/web/v1/user/authorize?${pageQuery}`, { 'set-cookie': cookies(session.id) });
}

/** For clients that skip the page in between and ask for its `next_uri` themselves. */
function connector({ cloud, request }: Exchange): Answer {
  const session = cloud.logins.find(request.query.get('connector_session_key') ?? undefined);
  if (session === null) return html(400, '<p>Bad Request</p>');
  return html(200, '<p>Sign in</p>', { 'set-cookie': cookies(session.id) });
}

async function certificate({ cloud }: Exchange): Promise<Answer> {
  return json(200, { retValue: await cloud.passwordKey.published() });
}

async function signIn(exchange: Exchange): Promise<Answer> {
  const { cloud, request } = exchange;
  const form = request.form();
  const clientId = form.get('client_id');
  const brand = europeanOfClient(clientId);
  const redirectUri = form.get('redirect_uri') ?? '';
  const session = cloud.logins.find(request.cookie(SESSION_COOKIE));
  if (brand === null || redirectUri === '')
    return html(200, '<form action="/auth/account/signin" method="post"></form>');
  const isOneApp = clientId === brand.oneAppClientId;
  const again = new URLSearchParams({
    client_id: clientId ?? '',
    redirect_uri: redirectUri,
    state: form.get('state') ?? '',
  });
  const retry = redirect(`${request.base}/auth/api/v2/user/oauth2/authorize?${again}`);
  if (session === null || session.clientId !== clientId) return retry;
  const password = await readPassword(exchange, form, isOneApp);
  const account = cloud.accountOf(brand, form.get('username') ?? '');
  if (account === null || account.signInAttempts.check(password === account.config.password) !== null) return retry;
  exchange.account = account;
  session.account = account;
  const query = new URLSearchParams({
    code: cloud.logins.issueCode(account, isOneApp ? 'oneApp' : 'ccapi'),
    state: form.get('state') ?? '',
    login_success: 'y',
  });
  return redirect(`${redirectUri}?${query}`);
}

/** The OneApp sends the sealed password in hexadecimal; the flow before it used base64. */
async function readPassword({ cloud }: Exchange, form: URLSearchParams, isOneApp: boolean): Promise<string | null> {
  const sent = form.get('password') ?? '';
  if (form.get('encryptedPassword') !== 'true') return isOneApp ? null : sent;
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(sent);
  if (isOneApp && !isHex) return null;
  return cloud.passwordKey.decrypt(Buffer.from(sent, isHex ? 'hex' : 'base64'), form.get('kid'));
}

function cookies(id: string): readonly string[] {
  return [`${SESSION_COOKIE}=${id}; Path=/; HttpOnly`, `idp_session=${id}; Path=/; HttpOnly`];
}
