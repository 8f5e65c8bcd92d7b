import type { Account } from '../account.ts';
import type { ClientConstants } from '../brands.ts';
import { brandOfBasic, brandOfClientSecret, isClientOf } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { idpError, json, userError } from '../http/answer.ts';
import type { SimRequest } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { stampTime } from '../stamp.ts';

/** The token endpoints: of the vehicle API (client secret in a Basic header), of the identity provider (in the form). */
export const tokens: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/user/oauth2/token',
    kind: kindOf,
    admission: 'anybody',
    handle: (exchange) => {
      const client = brandOfBasic(exchange.request.header('authorization'));
      const isProved = client === null || !client.stampsTokens || isStamped(exchange, client);
      return (isProved ? grant(exchange, client, true) : null) ?? userError(400, '4002', 'Invalid parameters');
    },
  },
  {
    method: 'POST',
    path: '/auth/api/v2/user/oauth2/token',
    kind: kindOf,
    admission: 'anybody',
    handle: (exchange) => {
      const form = exchange.request.form();
      return (
        grant(exchange, brandOfClientSecret(form.get('client_id'), form.get('client_secret')), false) ?? idpError()
      );
    },
  },
];

function kindOf(request: SimRequest): string {
  const type = request.form().get('grant_type');
  return type === 'refresh_token' ? 'token.refresh' : type === 'authorization_code' ? 'token.code' : 'token';
}

/** Whether a stamp is there that one of the client's application ids fits. */
function isStamped({ cloud, request }: Exchange, client: ClientConstants): boolean {
  const stamp = request.header('stamp') ?? '';
  return client.appIds.some((appId) => stampTime(stamp, cloud.stampKeyOf(client), appId) !== null);
}

/** Tokens for a code or a refresh token; null if they buy nothing. `always`: the answer names the refresh token again. */
function grant(exchange: Exchange, brand: ClientConstants | null, always: boolean): Answer | null {
  const { cloud, request } = exchange;
  const form = request.form();
  if (brand === null) return null;
  if (form.get('grant_type') === 'authorization_code') {
    const account = cloud.logins.redeem(form.get('code'), 'ccapi');
    return account === null || !isClientOf(brand, account.config) ? null : issue(exchange, account, account.grant());
  }
  if (form.get('grant_type') !== 'refresh_token') return null;
  const old = form.get('refresh_token') ?? '';
  const account = cloud.accounts.find(({ config, grants }) => isClientOf(brand, config) && grants.has(old));
  if (account === undefined) return null;
  if (exchange.faults.includes('rotateRefresh')) return issue(exchange, account, account.replaceGrant(old));
  return issue(exchange, account, always ? old : null);
}

function issue(exchange: Exchange, account: Account, refreshToken: string | null): Answer {
  const { cloud } = exchange;
  const token = cloud.tokens.issue('access', account, cloud.lifetimes.accessMs);
  exchange.account = account;
  exchange.effect = `access#${token.number}`;
  return json(200, {
    token_type: 'Bearer',
    access_token: token.value,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    expires_in: Math.floor(cloud.lifetimes.accessMs / 1000),
  });
}
