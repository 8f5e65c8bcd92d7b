import { z } from 'zod';
import type { Account } from '../account.ts';
import { BRANDS, brandOfClient, brandOfRealm } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { empty, html, json, redirect, userError, wrongCredentials } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import type { LoginSession } from '../session/logins.ts';

/**
 * The logins of before August 2025, as bluelinky 9.1.0 and others do them: through the brand's own login page (form,
 * redirects, silent sign-in), or by the vehicle API's `signin`. Both end with a code for its token endpoint.
 */
export const oldLogin: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/user/oauth2/authorize',
    kind: 'oauth.authorize',
    admission: 'anybody',
    handle: authorize,
  },
  { method: 'POST', path: '/api/v1/user/language', kind: 'language', admission: 'anybody', handle: () => empty(204) },
  {
    method: 'GET',
    path: '/api/v1/user/integrationinfo',
    kind: 'integrationinfo',
    admission: 'anybody',
    handle: integrationInfo,
  },
  { method: 'POST', path: '/api/v1/user/signin', kind: 'signin', admission: 'anybody', handle: signIn },
  {
    method: 'POST',
    path: '/api/v1/user/silentsignin',
    kind: 'silentsignin',
    admission: 'anybody',
    handle: silentSignIn,
  },
  {
    method: 'GET',
    path: '/api/v1/user/integration/redirect/login',
    kind: 'keycloak.return',
    admission: 'anybody',
    handle: cameBack,
  },
  {
    method: 'GET',
    path: '/auth/realms/:realm/protocol/openid-connect/auth',
    kind: 'keycloak.form',
    admission: 'anybody',
    handle: showForm,
  },
  {
    method: 'POST',
    path: '/auth/realms/:realm/login-actions/authenticate',
    kind: 'keycloak.submit',
    admission: 'anybody',
    handle: submitForm,
  },
  {
    method: 'GET',
    path: '/auth/realms/:realm/login-actions/required-action',
    kind: 'keycloak.action',
    admission: 'anybody',
    handle: showAction,
  },
  {
    method: 'POST',
    path: '/auth/realms/:realm/login-actions/required-action',
    kind: 'keycloak.action',
    admission: 'anybody',
    handle: acceptAction,
  },
];

const SESSION_COOKIE = 'account';
const credentials = z.looseObject({ email: z.string(), password: z.string() });

function sessionOf({ cloud, request }: Exchange): LoginSession | null {
  return cloud.logins.find(request.cookie(SESSION_COOKIE));
}

function authorize({ cloud, request }: Exchange): Answer {
  const clientId = request.query.get('client_id') ?? '';
  const redirectUri = request.query.get('redirect_uri') ?? '';
  if (brandOfClient(clientId) === null || redirectUri === '') return userError(400, '4002', 'Invalid parameters');
  const session = cloud.logins.begin(clientId, redirectUri, request.query.get('state') ?? '');
  return redirect(`${request.base}/web/v1/user/signin?lang=en`, {
    'set-cookie': [`${SESSION_COOKIE}=${session.id}; Path=/; HttpOnly`, `JSESSIONID=${session.id}; Path=/; HttpOnly`],
  });
}

function integrationInfo(exchange: Exchange): Answer {
  const session = sessionOf(exchange);
  if (session === null) return noSession();
  return json(200, { userId: session.id, serviceId: session.clientId });
}

/** Strategy B: e-mail and password straight to the vehicle API. */
function signIn(exchange: Exchange): Answer {
  const session = sessionOf(exchange);
  if (session === null) return noSession();
  const body = credentials.safeParse(exchange.request.json());
  if (!body.success) return userError(400, '4002', 'Invalid parameters');
  const { account, refusal } = check(exchange, session.clientId, body.data.email, body.data.password);
  if (account === null) return wrongCredentials({ userId: '', ...refusal });
  session.account = account;
  return withCode(exchange, session, account);
}

function silentSignIn(exchange: Exchange): Answer {
  const session = sessionOf(exchange);
  if (session === null || session.account === null) return noSession();
  return withCode(exchange, session, session.account);
}

function withCode(exchange: Exchange, session: LoginSession, account: Account): Answer {
  exchange.account = account;
  const query = new URLSearchParams({ code: exchange.cloud.logins.issueCode(account, 'ccapi'), state: session.state });
  return json(200, { redirectUrl: `${session.redirectUri}?${query}`, userId: session.id });
}

/** The page of the brand's own login. Clients look for `action="…"`, in which only plain characters may stand. */
function showForm({ request, match }: Exchange): Answer {
  const realm = match.params.realm ?? '';
  const state = request.query.get('state') ?? '';
  const [, session] = state.split(':');
  if (brandOfRealm(realm) === null || session === undefined) return html(400, '<p>Invalid parameter: redirect_uri</p>');
  return loginPage(`${request.base}/auth/realms/${realm}/login-actions/authenticate?session_code=${session}`, null);
}

function submitForm(exchange: Exchange): Answer {
  const { cloud, request, match } = exchange;
  const session = cloud.logins.find(request.query.get('session_code') ?? undefined);
  const brand = brandOfRealm(match.params.realm);
  if (session === null || brand === null) return html(400, '<p>Your login attempt timed out.</p>');
  const form = request.form();
  const { account } = check(exchange, brand.clientId, form.get('username') ?? '', form.get('password') ?? '');
  const here = `${request.base}/auth/realms/${brand.keycloakRealm}/login-actions`;
  if (account === null) {
    return loginPage(`${here}/authenticate?session_code=${session.id}`, 'Invalid username or password.');
  }
  exchange.account = account;
  session.account = account;
  if (exchange.faults.includes('requiredAction')) return redirect(`${here}/required-action?execution=${session.id}`);
  return redirect(returnAddress(exchange, session));
}

function showAction({ request }: Exchange): Answer {
  const session = request.query.get('execution') ?? '';
  if (!/^[0-9a-f-]{1,64}$/.test(session)) return html(400, '<p>Your login attempt timed out.</p>');
  const action = `${request.path}?execution=${session}`;
  return html(
    200,
    `<form action="${action}" method="post"><input type="hidden" name="code" value="${session}"><p>Terms</p></form>`,
  );
}

function acceptAction(exchange: Exchange): Answer {
  const session = exchange.cloud.logins.find(exchange.request.form().get('code') ?? undefined);
  if (session === null) return html(400, '<p>Your login attempt timed out.</p>');
  return redirect(returnAddress(exchange, session));
}

/** Back at the vehicle API: a last redirect tells clients the user's number. */
function cameBack(exchange: Exchange): Answer {
  const { request } = exchange;
  const session = exchange.cloud.logins.find(request.query.get('session_state') ?? undefined);
  if (session === null || session.account === null) return noSession();
  const query = new URLSearchParams({ intUserId: session.id, int_user_id: session.id, userId: session.id });
  return redirect(`${request.base}/web/v1/user/silent?${query}`);
}

function returnAddress({ request }: Exchange, session: LoginSession): string {
  const query = new URLSearchParams({ state: `${session.clientId}:${session.id}`, session_state: session.id });
  return `${request.base}/api/v1/user/integration/redirect/login?${query}`;
}

function loginPage(action: string, feedback: string | null): Answer {
  const said = feedback === null ? '' : `<span class="kc-feedback-text">${feedback}</span>`;
  return html(
    200,
    `${said}\n<form id="kc-form-login" action="${action}" method="post"><input name="username"><input name="password" type="password"><input type="hidden" name="credentialId" value=""></form>`,
  );
}

function check(exchange: Exchange, clientId: string, username: string, password: string) {
  const brand = brandOfClient(clientId) ?? BRANDS.hyundai;
  const account = exchange.cloud.accountOf(brand, username);
  if (account === null) return { account: null, refusal: { remainCount: 4, remainTime: 300 } };
  const refusal = account.signInAttempts.check(password === account.config.password);
  return refusal === null ? { account, refusal: null } : { account: null, refusal };
}

function noSession(): Answer {
  return userError(400, '4001', 'Invalid session');
}
