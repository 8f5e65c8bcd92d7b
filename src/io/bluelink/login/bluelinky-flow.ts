import { z } from 'zod';
import { CloudError, ownFailure } from '../cloud-error.ts';
import { ROWS } from '../failure-rows.ts';
import type { FreshSession } from '../tokens.ts';
import { Browser, type Page } from './browser.ts';
import { endsLogin, type LoginContext, type LoginFlow } from './login-flow.ts';
import { closed, codeOf, redeemCode } from './redeem-code.ts';

/** The browser as which bluelinky logs in. */
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 11_1 like Mac OS X) AppleWebKit/604.3.5 (KHTML, like Gecko) Version/11.0 Mobile/15B92 Safari/604.1';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const integrationSchema = z.object({ userId: z.string(), serviceId: z.string() });

/**
 * bluelinky's two logins, spoken over our own browser: the form of the brand's login page, and the older sign-in call
 * if that page is closed. Unlike bluelinky, a refused password is not tried a second time on the other door.
 */
export const bluelinkyFlow: LoginFlow = {
  name: 'bluelinky',
  accepts: (password) => password !== '',
  async login(context) {
    try {
      return await formLogin(context);
    } catch (error) {
      if (!(error instanceof CloudError) || endsLogin(error.failure)) throw error;
      return await signinLogin(context);
    }
  },
};

async function formLogin(context: LoginContext): Promise<FreshSession> {
  const { environment, hosts, language } = context;
  const browser = await begin(context);
  const info = await browser.open(environment.endpoints.integration);
  const integration = context.client.shapes
    .answer('/api/v1/user/integrationinfo')
    .readBody(integrationSchema, info.body);
  if (integration === null) throw closed('integration info');
  const form = await browser.open(environment.brandAuthUrl({ language, ...integration }));
  const answer = await browser.post(
    actionOf(form, hosts.resolve),
    new URLSearchParams({
      username: context.username,
      password: context.password,
      credentialId: '',
      rememberMe: 'on',
    }).toString(),
    FORM,
  );
  await accept(browser, await browser.open(afterForm(context, answer)), context);
  const silent = await browser.post(environment.endpoints.silentSignIn, JSON.stringify({ intUserId: '' }), {
    'content-type': 'application/json',
    'ccsp-service-id': environment.clientId,
  });
  return redeemCode(codeOf(context, silent, 'login'), browser, context);
}

async function signinLogin(context: LoginContext): Promise<FreshSession> {
  const browser = await begin(context);
  const answer = await browser.post(
    context.environment.endpoints.login,
    JSON.stringify({ email: context.username, password: context.password }),
    { 'content-type': 'application/json' },
  );
  return redeemCode(codeOf(context, answer, 'signIn'), browser, context);
}

/** Session cookies and language, as both logins begin. */
async function begin({ client, environment, hosts, language, patience }: LoginContext): Promise<Browser> {
  const browser = new Browser(client, hosts, patience, { 'user-agent': SAFARI, accept: '*/*' });
  const start = await browser.open(environment.endpoints.session);
  if (start.statusCode >= 500) throw client.failure(start, 'login');
  await browser.post(environment.endpoints.language, JSON.stringify({ lang: language }));
  return browser;
}

/** The page behind the form's answer; a form that shows itself again is a refusal. */
function afterForm({ client }: LoginContext, answer: Page): string {
  if (answer.location !== null) return answer.location;
  if (answer.statusCode >= 500 || answer.statusCode === 429) throw client.failure(answer, 'login');
  throw new CloudError({
    ...ROWS.credentialsRejected,
    cause: `HTTP ${answer.statusCode}`,
    reached: 'no',
    answered: true,
    retryAfterMs: null,
  });
}

/** Some accounts meet a page with terms that bluelinky accepts on the way; so do we, or say that a person must. */
async function accept(browser: Browser, page: Page, { hosts }: LoginContext): Promise<void> {
  if (!page.url.includes('login-actions/required-action')) return;
  const code = typeof page.body === 'string' ? /name="code" value="([^"]*)"/i.exec(page.body)?.[1] : undefined;
  if (code === undefined) throw needsConsent();
  const form = new URLSearchParams({ code, accept: '' }).toString();
  const answer = await browser.post(actionOf(page, hosts.resolve), form, FORM);
  if (answer.location === null) throw needsConsent();
  await browser.open(answer.location);
}

/** Where the first form of a page leads. */
function actionOf(page: Page, resolve: (location: string, from: string) => string | null): string {
  const action = typeof page.body === 'string' ? /action="([^"]+)"/i.exec(page.body)?.[1] : undefined;
  const url = action === undefined ? null : resolve(action.replaceAll('&amp;', '&'), page.url);
  if (url === null) throw closed('no form');
  return url;
}

function needsConsent(): CloudError {
  const { kind, message } = ROWS.consentRequired;
  return new CloudError({ ...ownFailure(kind, message, 'required action'), answered: true });
}
