import { z } from 'zod';
import { CloudError, explained, ownFailure } from '../cloud-error.ts';
import { type CallName, ROWS } from '../failure-rows.ts';
import { type FreshSession, stampHeaders, vehicleApiTokens } from '../tokens.ts';
import type { Browser, Page } from './browser.ts';
import type { LoginContext } from './login-flow.ts';

const redirectSchema = z.object({ redirectUrl: z.string() });

/** The code in the answer of a sign-in. Throws `CloudError`. */
export function codeOf({ client }: LoginContext, answer: Page, name: CallName): string {
  if (answer.statusCode !== 200) throw client.failure(answer, name);
  const shape = client.shapes.answer(`/api/v1/user/${name === 'signIn' ? 'signin' : 'silentsignin'}`);
  const redirect = shape.readBody(redirectSchema, answer.body);
  if (redirect === null) throw explained(client.failure(answer, name), shape);
  const code = new URL(redirect.redirectUrl, answer.url).searchParams.get('code');
  if (code === null) throw closed('no code');
  return code;
}

/** The tokens for a code, at the vehicle API. Rejects with `CloudError`. */
export async function redeemCode(code: string, browser: Browser, context: LoginContext): Promise<FreshSession> {
  const { client, environment, hosts, patience } = context;
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    redirect_uri: environment.endpoints.redirectUri,
    code,
  });
  const headers = {
    // The server reads it as a header too.
    grant_type: 'authorization_code',
    ...(await stampHeaders(environment)),
    ...browser.cookies(environment.endpoints.token),
  };
  return vehicleApiTokens({ client, environment, hosts }, form, headers, 'login', patience);
}

/** This way of logging in leads nowhere at the moment; that says nothing about the password. */
export function closed(cause: string): CloudError {
  return new CloudError(ownFailure(ROWS.loginClosed.kind, ROWS.loginClosed.message, cause));
}
