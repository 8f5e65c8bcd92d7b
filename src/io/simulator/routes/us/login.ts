import { z } from 'zod';
import type { Account } from '../../account.ts';
import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../../http/answer.ts';
import { json } from '../../http/answer.ts';
import type { SimRequest } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { isOurClient } from './admission.ts';
import { invalidClient, invalidCredentials, invalidToken, passwordRequired } from './answers.ts';

/** Login and refresh of the US: one address. */
export const hataLogin: readonly Route[] = [
  { method: 'POST', path: '/v2/ac/oauth/token', kind: kindOf, admission: 'anybody', handle: logIn },
];

const loginBody = z.looseObject({ username: z.string(), password: z.string() });
const refreshBody = z.looseObject({ grant_type: z.literal('refresh_token'), refresh_token: z.string() });

function kindOf(request: SimRequest): string {
  return refreshBody.safeParse(request.json()).success ? 'token.refresh' : 'idp.signin';
}

function logIn(exchange: Exchange): Answer {
  const { cloud, request } = exchange;
  if (!isOurClient(request)) return invalidClient();
  const body = request.json();
  const login = loginBody.safeParse(body);
  if (!login.success) return passwordRequired();
  const { username, password } = login.data;
  const account = cloud.accounts.find(({ config }) => config.region === 'US' && isNamed(config.username, username));
  if (account === undefined) return invalidCredentials();
  exchange.account = account;
  if (account.signInAttempts.check(password === account.config.password) !== null) return invalidCredentials();
  const refresh = refreshBody.safeParse(body);
  if (!refresh.success) return issue(exchange, account, account.grant());
  const old = refresh.data.refresh_token;
  return account.grants.has(old) ? issue(exchange, account, account.replaceGrant(old)) : invalidToken();
}

function isNamed(own: string, given: string): boolean {
  return own.toLowerCase() === given.toLowerCase();
}

function issue(exchange: Exchange, account: Account, refreshToken: string): Answer {
  const { cloud } = exchange;
  const token = cloud.tokens.issue('access', account, cloud.lifetimes.hataMs);
  exchange.effect = `access#${token.number}`;
  return json(200, {
    access_token: token.value,
    refresh_token: refreshToken,
    expires_in: String(Math.floor(cloud.lifetimes.hataMs / 1000)),
    username: account.config.username,
  });
}
