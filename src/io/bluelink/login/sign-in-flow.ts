import { CloudError } from '../cloud-error.ts';
import { Browser, FOREIGN_REDIRECT } from './browser.ts';
import type { LoginContext, LoginFlow } from './login-flow.ts';
import { codeOf, redeemCode } from './redeem-code.ts';

/** The Australian apps call the login page as this browser. */
const APP_BROWSER =
  'Mozilla/5.0 (Linux; Android 4.1.1; Galaxy Nexus Build/JRO03C) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Mobile Safari/535.19';

/**
 * The login of the Australian cloud: one call with the password, between the cookies and the code. The device is
 * registered first, as the apps do, and because that tells which key the stamp of the token call must be made with.
 */
export const signInFlow: LoginFlow = {
  name: 'signIn',
  accepts: (password) => password !== '',
  registersDevice: true,
  async login(context) {
    const { client, device, environment, hosts, patience, username, password } = context;
    await device.register(patience);
    const browser = new Browser(client, hosts, patience, { 'user-agent': APP_BROWSER, accept: '*/*' });
    await openSession(browser, context);
    const answer = await browser.post(environment.endpoints.login, JSON.stringify({ email: username, password }), {
      'content-type': 'application/json',
    });
    return redeemCode(codeOf(context, answer, 'signIn'), browser, context);
  },
};

/** Only for its cookies; a page of somebody else, at which it may end, is not opened. */
async function openSession(browser: Browser, { client, environment }: LoginContext): Promise<void> {
  try {
    const page = await browser.open(`${environment.endpoints.session}&lang=en`);
    if (page.statusCode === 429 || page.statusCode >= 500) throw client.failure(page, 'login');
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure.cause !== FOREIGN_REDIRECT) throw error;
  }
}
