import { PASSWORD } from './account.ts';
import type { FakeAnswer, FakeCloud } from './fake-cloud.ts';

export const AUTHORIZE = 'GET /api/v1/user/oauth2/authorize';
export const INTEGRATION = 'GET /api/v1/user/integrationinfo';
export const SUBMIT = 'POST /auth/realms/euhyundaiidm/login-actions/authenticate';
export const TOKEN = 'POST /api/v1/user/oauth2/token';
const FORM = 'GET /auth/realms/euhyundaiidm/protocol/openid-connect/auth';
const SILENT = 'POST /api/v1/user/silentsignin';

export const redirect = (location: string, cookies: string[] = []): FakeAnswer => ({
  status: 302,
  headers: { location, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) },
});
export const tokens = { body: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 86_400 } };
/** The vendor's real hosts stand in every link: none may be called. */
export const REAL = 'https://prd.eu-ccapi.hyundai.com:8080';

/** The login of the brand's form, as the vendor's pages link it. */
export function serveBrandLogin(cloud: FakeCloud): void {
  cloud
    .on(AUTHORIZE, () => redirect(`${REAL}/web/v1/user/authorize?x=1`, ['account=abc; Path=/; HttpOnly']))
    .on('GET /web/v1/user/authorize', () => ({ body: '<html>login</html>' }))
    .on('POST /api/v1/user/language', () => ({ status: 204 }))
    .on(INTEGRATION, () => ({ body: { userId: 'user-1', serviceId: 'service-1' } }))
    .on(FORM, () => ({
      body: '<form action="https://eu-account.hyundai.com/auth/realms/euhyundaiidm/login-actions/authenticate?session_code=s&amp;tab=t">',
    }))
    .on(SUBMIT, ({ body }) =>
      new URLSearchParams(body).get('password') === PASSWORD
        ? redirect(`${REAL}/api/v1/user/integration/redirect/login?code=k`)
        : { body: '<span class="kc-feedback-text">Invalid username or password.</span>' },
    )
    .on('GET /api/v1/user/integration/redirect/login', () => ({ body: '<html>done</html>' }))
    .on(SILENT, () => ({ body: { redirectUrl: `${REAL}/api/v1/user/oauth2/redirect?code=code-1&state=test` } }))
    .on(TOKEN, () => tokens);
}
