import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { z } from 'zod';
import { CloudError, ownFailure } from '../cloud-error.ts';
import { ROWS } from '../failure-rows.ts';
import { ONE_APP } from '../one-app.ts';
import { Browser, type Page } from './browser.ts';
import type { LoginContext, LoginFlow } from './login-flow.ts';

/** The identity provider takes a browser with this name for the brand's own app. */
const APP_BROWSER =
  'Mozilla/5.0 (Linux; Android 4.1.1; Galaxy Nexus Build/JRO03C) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Mobile Safari/535.19_CCS_APP_AOS';

const CERTIFICATE_PATH = '/auth/api/v1/accounts/certs';
const certificateSchema = z.object({
  retValue: z.object({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string() }),
});

/** The login of the vendor's current app, which is the one that works today. */
export const oneAppFlow: LoginFlow = {
  name: 'oneApp',
  accepts: (password) => password !== '',
  async login(context) {
    const { client, hosts, oneApp, clientUuid, patience } = context;
    const browser = new Browser(client, hosts, patience, { 'user-agent': APP_BROWSER, accept: '*/*' });
    await openSession(browser, context);
    const code = codeOf(await signIn(browser, context), context);
    const grant = await oneApp.tokens(code, clientUuid, patience);
    return await oneApp.exchange(grant, clientUuid, 'login', patience);
  },
};

/** The first page of the login, for our browser and for that of a person. */
function loginPage({ brand, hosts }: LoginContext): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: ONE_APP[brand].clientId,
    redirect_uri: ONE_APP[brand].redirectUri,
    lang: 'en',
    state: 'ccsp',
    country: 'de',
  });
  return `${hosts.identity}/auth/api/v2/user/oauth2/authorize?${query}`;
}

/** Only for its cookies. The page may well end on the older web host, or on the firewall's page. */
async function openSession(browser: Browser, context: LoginContext): Promise<void> {
  const { client } = context;
  const page = await browser.open(loginPage(context));
  if (isBlocked(page)) throw refusal('blocked', 'firewall');
  if (page.statusCode >= 400) throw unavailable(page, client);
}

/** The password travels encrypted with the key of the day, as hexadecimal digits. */
async function signIn(browser: Browser, { brand, client, hosts, username, password }: LoginContext): Promise<Page> {
  const certificate = await browser.open(`${hosts.identity}${CERTIFICATE_PATH}`);
  if (certificate.statusCode !== 200) throw unavailable(certificate, client);
  const read = client.shapes.answer(CERTIFICATE_PATH).readBody(certificateSchema, certificate.body);
  if (read === null) throw unavailable(certificate, client);
  const { kid, kty, n, e } = read.retValue;
  const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
  const cipher = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password, 'utf8'));
  const form = new URLSearchParams({
    client_id: ONE_APP[brand].clientId,
    encryptedPassword: 'true',
    password: cipher.toString('hex'),
    redirect_uri: ONE_APP[brand].redirectUri,
    scope: '',
    nonce: '',
    state: 'ccsp',
    username,
    // Empty on purpose: with a key the server would lead us through another product's login.
    connector_session_key: '',
    kid,
    _csrf: '',
  });
  return await browser.post(`${hosts.identity}/auth/account/signin`, form.toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });
}

/** The answer is where we are sent: back to the app with a code, to the terms, or to the form again. */
function codeOf(answer: Page, context: LoginContext): string {
  if (isBlocked(answer)) throw refusal('blocked', 'firewall');
  if (answer.statusCode >= 400) throw context.client.failure(answer, 'signIn');
  const { redirect } = answer;
  if (redirect === null && isMaintenance(answer)) throw unavailable(answer, context.client);
  if (redirect === null) throw refusal('credentialsRejected', 'form again');
  const code = redirect.searchParams.get('code');
  const error = redirect.searchParams.get('error');
  if (code !== null && error === null) return code;
  if (redirect.pathname.includes('/web/v1/user/authorization')) throw consent(context);
  if (/otp|mfa|two-?factor/i.test(redirect.pathname)) throw refusal('otpRequired', 'one-time code page');
  throw refusal('credentialsRejected', error === null ? 'login page again' : 'sign-in error');
}

function isBlocked(page: Page): boolean {
  const description = new URL(page.url).searchParams.get('error_description') ?? '';
  const target = page.redirect?.searchParams.get('error_description') ?? '';
  const html = typeof page.body === 'string' ? page.body : '';
  return [description, target, html].some((text) => text.toLowerCase().includes('abusing'));
}

function refusal(kind: 'blocked' | 'credentialsRejected' | 'otpRequired', cause: string): CloudError {
  return new CloudError({ ...ownFailure(kind, ROWS[kind].message, cause), answered: true });
}

/** No program can agree to terms; where a person can is what helps. */
function consent(context: LoginContext): CloudError {
  const { kind } = ROWS.consentRequired;
  const message = `The vendor wants you to accept its terms: open the vendor's app, or ${loginPage(context)} in a browser, log in and accept them; then log in again here.`;
  return new CloudError({ ...ownFailure(kind, message, 'consent page'), answered: true });
}

/** A page in the place of an answer that says so itself; the sign-in form says nothing of the kind. */
function isMaintenance({ body }: Page): boolean {
  return typeof body === 'string' && /maint(?:enance|ained)|back soon|temporarily/i.test(body);
}

/** A closed page says nothing about the password. */
function unavailable(page: Page, client: LoginContext['client']): CloudError {
  if (page.statusCode === 429 || page.statusCode >= 500) return client.failure(page, 'login');
  if (isMaintenance(page)) {
    return new CloudError(ownFailure(ROWS.unavailable.kind, ROWS.unavailable.message, 'maintenance page'));
  }
  return new CloudError(ownFailure(ROWS.loginClosed.kind, ROWS.loginClosed.message, `HTTP ${page.statusCode}`));
}
