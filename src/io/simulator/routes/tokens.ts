import type { Account } from '../account.ts';
import type { BrandConstants } from '../brands.ts';
import { brandOfBasic, brandOfClientSecret } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { idpError, json, userError } from '../http/answer.ts';
import type { SimRequest } from '../http/request.ts';
import type { Route } from '../http/router.ts';

/** The token endpoints: of the vehicle API (client secret in a Basic header), of the identity provider (in the form). */
export const tokens: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/user/oauth2/token',
    kind: kindOf,
    admission: 'anybody',
    handle: (exchange) =>
      grant(exchange, brandOfBasic(exchange.request.header('authorization')), true) ??
      userError(400, '4002', 'Invalid parameters'),
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

/** Tokens for a code or a refresh token; null if they buy nothing. `always`: the answer names the refresh token again. */
function grant(exchange: Exchange, brand: BrandConstants | null, always: boolean): Answer | null {
  const { cloud, request } = exchange;
  const form = request.form();
  if (brand === null) return null;
  if (form.get('grant_type') === 'authorization_code') {
    const account = cloud.logins.redeem(form.get('code'), 'ccapi');
    return account === null || account.config.brand !== brand.brand ? null : issue(exchange, account, account.grant());
  }
  if (form.get('grant_type') !== 'refresh_token') return null;
  const old = form.get('refresh_token') ?? '';
  const account = cloud.accounts.find(({ config, grants }) => config.brand === brand.brand && grants.has(old));
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
