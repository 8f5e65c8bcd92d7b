import { z } from 'zod';
import type { BluelinkyEnvironment } from './bluelinky-surface.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { explained } from './cloud-error.ts';
import { APP_USER_AGENT } from './environment.ts';
import type { CallName } from './failure-rows.ts';
import type { Hosts } from './hosts.ts';
import type { RegionConstants } from './regions.ts';
import type { Grant } from './session-record.ts';

/** What a login or a refresh brings. */
export interface FreshSession {
  /** Without `Bearer `. */
  readonly accessToken: string;
  readonly lifetimeMs: number;
  readonly grant: Grant | null;
}

const FALLBACK_LIFETIME_S = 3_600;
const MAX_LIFETIME_S = 400 * 86_400;

/** Seconds, as a number or as digits; an hour when the server does not tell or tells nonsense. */
export const lifetimeSchema = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .pipe(z.number().positive().max(MAX_LIFETIME_S))
  .default(FALLBACK_LIFETIME_S);

export const tokenSchema = z.string().regex(/^[\x21-\x7e]{1,8192}$/);

const tokenAnswerSchema = z.object({
  access_token: tokenSchema,
  refresh_token: tokenSchema.optional(),
  expires_in: lifetimeSchema,
});

export interface TokenEndpoint {
  readonly client: CloudClient;
  readonly environment: BluelinkyEnvironment;
  readonly hosts: Hosts;
}

/**
 * The token endpoint of the vehicle API, as the old logins use it. A rotated refresh token is kept (bluelinky drops
 * it), the old one when none came. Rejects with `CloudError`.
 */
export async function vehicleApiTokens(
  { client, environment }: TokenEndpoint,
  form: URLSearchParams,
  headers: Readonly<Record<string, string>>,
  name: CallName,
  patience: Patience,
): Promise<FreshSession> {
  const answer = await client.plain(
    {
      method: 'POST',
      url: environment.endpoints.token,
      headers: {
        authorization: environment.basicToken,
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': APP_USER_AGENT,
        ...headers,
      },
      body: form.toString(),
    },
    name,
    patience,
  );
  return readTokens(client, answer, name, 'vehicleApi', form.get('refresh_token'));
}

/** A refresh at the token endpoint of the vehicle API, as the region wants it. */
export async function renewedAtVehicleApi(
  endpoint: TokenEndpoint,
  refreshToken: string,
  { redirectUri, isStamped }: RegionConstants['renewal'],
  patience: Patience,
): Promise<FreshSession> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    ...(redirectUri === null ? {} : { redirect_uri: redirectUri }),
    refresh_token: refreshToken,
  });
  const headers = isStamped ? await stampHeaders(endpoint.environment) : {};
  return vehicleApiTokens(endpoint, form, headers, 'refresh', patience);
}

/** What proves that the app asks. */
export async function stampHeaders(environment: BluelinkyEnvironment): Promise<Readonly<Record<string, string>>> {
  return { 'ccsp-application-id': environment.appId, stamp: await environment.stamp() };
}

/** The token endpoint of the identity provider: for the 48-character refresh token of the old client id. */
export async function identityTokens(
  { client, environment, hosts }: TokenEndpoint,
  refreshToken: string,
  name: CallName,
  patience: Patience,
): Promise<FreshSession> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: environment.clientId,
    client_secret: clientSecret(environment.basicToken),
  });
  const answer = await client.plain(
    {
      method: 'POST',
      url: `${hosts.identity}/auth/api/v2/user/oauth2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': APP_USER_AGENT },
      body: form.toString(),
    },
    name,
    patience,
  );
  return readTokens(client, answer, name, 'identity', refreshToken);
}

function readTokens(
  client: CloudClient,
  answer: { readonly statusCode: number; readonly body: unknown },
  name: CallName,
  kind: 'vehicleApi' | 'identity',
  oldRefreshToken: string | null,
): FreshSession {
  if (answer.statusCode !== 200) throw client.failure(answer, name);
  const shape = client.shapes.answer(`${kind} oauth2/token`);
  const tokens = shape.readBody(tokenAnswerSchema, answer.body);
  if (tokens === null) throw explained(client.failure(answer, name), shape);
  const refreshToken = tokens.refresh_token ?? oldRefreshToken;
  return {
    accessToken: tokens.access_token,
    lifetimeMs: tokens.expires_in * 1000,
    grant: refreshToken === null ? null : { kind, refreshToken },
  };
}

/** bluelinky carries the client secret as `Basic base64(id:secret)`. */
function clientSecret(basicToken: string): string {
  const pair = Buffer.from(basicToken.replace(/^Basic /, ''), 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
