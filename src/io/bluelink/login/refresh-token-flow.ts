import { identityTokens } from '../tokens.ts';
import type { LoginFlow } from './login-flow.ts';

/** The refresh token of the vendor's older apps, given in place of the password: no form, no cookies, one call. */
export const refreshTokenFlow: LoginFlow = {
  name: 'refreshToken',
  accepts: (password) => /^[A-Z0-9]{48}$/.test(password),
  login: ({ client, environment, hosts, password, patience }) =>
    identityTokens({ client, environment, hosts }, password, 'signIn', patience),
};
