import { z } from 'zod';
import type { CloudClient, Patience } from '../cloud-client.ts';
import { explained } from '../cloud-error.ts';
import type { CallName } from '../failure-rows.ts';
import { foreignGrant, type SessionFlows } from '../session-flows.ts';
import { type FreshSession, tokenSchema } from '../tokens.ts';
import type { HataClient } from './hata-client.ts';

const TOKEN_PATH = '/v2/ac/oauth/token';
const USUAL_LIFETIME_S = 1_799;
const MAX_LIFETIME_S = 86_400;

const answerSchema = z.object({
  access_token: tokenSchema,
  refresh_token: tokenSchema.optional(),
  /** Digits in a string. */
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().positive().max(MAX_LIFETIME_S))
    .default(USUAL_LIFETIME_S),
});

export interface HataSessionOptions {
  readonly client: CloudClient;
  readonly hata: HataClient;
  readonly username: string;
  readonly password: string;
}

/**
 * Sessions of the US cloud: one endpoint for login and refresh, tokens of half an hour, a refresh token that rotates. A
 * refresh needs the password, too.
 */
export function hataSessions({ client, hata, username, password }: HataSessionOptions): SessionFlows {
  async function ask(body: object, old: string | null, name: CallName, patience: Patience): Promise<FreshSession> {
    const call = { name, method: 'POST' as const, path: TOKEN_PATH, token: null, pin: null, body };
    const answer = await hata.send(call, patience);
    if (answer.statusCode !== 200) throw client.failure(answer, name);
    const shape = client.shapes.answer(TOKEN_PATH);
    const tokens = shape.readBody(answerSchema, answer.body);
    if (tokens === null) throw explained(client.failure(answer, name), shape);
    const refreshToken = tokens.refresh_token ?? old;
    return {
      accessToken: tokens.access_token,
      lifetimeMs: tokens.expires_in * 1000,
      grant: refreshToken === null ? null : { kind: 'hata', refreshToken },
    };
  }

  return {
    logins: [{ name: 'signIn', login: (patience) => ask({ username, password }, null, 'signIn', patience) }],
    async renew(_session, grant, _basis, patience) {
      if (grant.kind !== 'hata') throw foreignGrant();
      const refresh = { grant_type: 'refresh_token', refresh_token: grant.refreshToken };
      return await ask({ username, password, ...refresh }, grant.refreshToken, 'refresh', patience);
    },
  };
}
