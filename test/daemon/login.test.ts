import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { login } from '../../src/daemon/login.ts';
import type { SessionRecord } from '../../src/io/bluelink/session-record.ts';
import { loadConfig } from '../../src/io/config/load.ts';
import { createSecrets } from '../../src/io/log/secrets.ts';
import type { SimAccount } from '../../src/io/simulator/account.ts';
import { demoAccount } from '../../src/io/simulator/demo-account.ts';
import type { FaultInput } from '../../src/io/simulator/faults/schema.ts';
import { type Simulator, startSimulator } from '../../src/io/simulator/simulator.ts';
import { type FakeTerminal, fakeTerminal } from '../support/fake-terminal.ts';
import { recordingLog } from '../support/quiet-log.ts';

const OWNER = demoAccount();
const AUSTRALIAN = {
  ...OWNER,
  brand: 'kia' as const,
  region: 'AU' as const,
  cars: OWNER.cars.map((car) => ({ ...car, id: `au-${car.id}` })),
};
const AMERICAN: SimAccount = {
  username: 'someone@example.com',
  password: 'p4ss-Wörd!',
  pin: '4711',
  brand: 'hyundai',
  region: 'US',
  cars: [{ id: 'H0001', vin: 'KM8TEST0000000001', name: 'Kona', model: 'KONA', year: '2024', type: 'EV', ccs2: 0 }],
};
const ACCOUNT = { HYUNDAI_USERNAME: OWNER.username, HYUNDAI_PASSWORD: OWNER.password };

let simulator: Simulator;
let folder: string;
let since: number;

beforeAll(async () => {
  simulator = await startSimulator({ accounts: [OWNER, AUSTRALIAN, AMERICAN], limits: { attempts: 1_000 } });
});
afterAll(() => simulator.close());
beforeEach(() => {
  since = simulator.cloud.log.count;
  folder = mkdtempSync(join(tmpdir(), 'bluelinkd-login-'));
});
afterEach(() => {
  simulator.faults.clear();
  rmSync(folder, { recursive: true });
});

interface Attempt {
  readonly env?: Readonly<Record<string, string>>;
  readonly yaml?: string;
  readonly account?: string;
  /** What a person types; null when nobody is there. */
  readonly answers?: readonly string[] | null;
}

/** `bluelinkd login`, with everything but the streams of the process. */
async function logIn({ env = {}, yaml = '', account, answers = null }: Attempt): Promise<{
  readonly code: number;
  readonly terminal: FakeTerminal;
  readonly text: string;
}> {
  const loaded = loadConfig({
    command: 'login',
    configPath: null,
    logLevel: null,
    environment: { BLUELINKD_CLOUD_URL: simulator.url, BLUELINKD_STATE_DIR: join(folder, 'state'), ...env },
    cwd: folder,
    readFile: () => yaml,
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const terminal = fakeTerminal(answers);
  const { log, lines } = recordingLog();
  const { config, gaps } = loaded;
  const secrets = createSecrets({ showPrivate: false });
  const code = await login({ config, gaps, account: account ?? null, log, secrets, terminal });
  return { code, terminal, text: JSON.stringify([terminal.asked, terminal.said, terminal.complaints, lines]) };
}

const stored = (account = 'main') =>
  JSON.parse(readFileSync(join(folder, 'state', `session-${account}.json`), 'utf8')) as SessionRecord;
const calls = (kind?: string) =>
  simulator.log.filter((call) => call.n > since && (kind === undefined || call.kind === kind));

describe('a login from the configuration alone', () => {
  it('tries the session, stores it for its owner alone, and says what it found', async () => {
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(0);
    expect(terminal.said).toEqual([
      'Logging in to the Hyundai cloud as account main …',
      'The login worked. The account has 2 cars: IONIQ 5, Kona.',
      `The session is stored in ${join(folder, 'state')}.`,
      'Start bluelinkd run: it goes on with this session, without another login.',
    ]);
    expect(terminal.complaints).toEqual([]);
    expect(stored()).toMatchObject({
      generation: 1,
      session: { flow: 'oneApp' },
      deviceId: expect.any(String),
      logins: [expect.any(Number)],
    });
    expect(statSync(join(folder, 'state', 'session-main.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'state')).filter((name) => name.includes('lock'))).toEqual([]);
  });

  it('of Australia stores the device that was registered on the way, too', async () => {
    const { code, terminal } = await logIn({ env: { ...ACCOUNT, HYUNDAI_REGION: 'AU', HYUNDAI_BRAND: 'kia' } });
    expect(terminal.complaints).toEqual([]);
    expect(code).toBe(0);
    expect(stored()).toMatchObject({ session: { flow: 'signIn' }, deviceId: expect.any(String) });
    expect(calls('device.register')).toHaveLength(1);
  });

  it('does the same in the US, where no brand may be named that is not supported', async () => {
    const env = { HYUNDAI_REGION: 'US' };
    const named = { HYUNDAI_USERNAME: AMERICAN.username, HYUNDAI_PASSWORD: AMERICAN.password };
    const alone = await logIn({ env: { ...env, ...named } });
    expect(alone.code).toBe(0);
    expect(alone.terminal.said).toContain('The login worked. The account has one car: Kona.');
    expect(stored().session).toMatchObject({ flow: 'signIn', grant: { kind: 'hata' } });
    expect(alone.text).not.toContain(AMERICAN.password);
    const answers = ['kia', 'hyundai', AMERICAN.username, AMERICAN.password];
    const asked = await logIn({ env, answers });
    expect(asked.code).toBe(0);
    expect(asked.terminal.complaints).toEqual(
      expect.arrayContaining([expect.stringMatching(/^That asks for Kia in the United States/)]),
    );
    expect(calls('idp.signin').map(({ status }) => status)).toEqual([200, 200]);
  });

  it('shows no secret, neither of the configuration nor of the cloud', async () => {
    const { text } = await logIn({ env: { ...ACCOUNT, HYUNDAI_PIN: '4711' } });
    const { session } = stored();
    const tokens = [session?.accessToken, ...Object.values(session?.grant ?? {}).filter((v) => v !== 'oneApp')];
    expect(tokens.length).toBeGreaterThan(5);
    for (const secret of [OWNER.password, OWNER.username, '4711', ...tokens]) expect(text).not.toContain(secret);
  });

  it.each([
    [{ HYUNDAI_USERNAME: OWNER.username }, 'accounts[0].password,'],
    [{ HYUNDAI_PASSWORD: OWNER.password }, 'accounts[0].username,'],
    [{}, 'accounts[0].username and accounts[0].password,'],
  ])('that lacks something (%#) ends with code 2 and says what', async (env, keys) => {
    const { code, terminal } = await logIn({ env });
    expect(code).toBe(2);
    expect(terminal.complaints).toHaveLength(1);
    expect(terminal.complaints[0]).toContain(`The configuration lacks ${keys}`);
    expect(calls()).toEqual([]);
  });

  it('needs no broker', async () => {
    expect((await logIn({ env: ACCOUNT, yaml: 'log: {level: warn}' })).code).toBe(0);
  });

  it('takes the account that is asked for, of several', async () => {
    const yaml = `accounts: [{name: a, username: x, password: y}, {name: b, username: ${OWNER.username}, password: ${OWNER.password}}]`;
    expect((await logIn({ yaml, account: 'b' })).code).toBe(0);
    expect(stored('b').generation).toBe(1);
    const unclear = await logIn({ yaml });
    expect([unclear.code, unclear.terminal.complaints]).toEqual([
      2,
      ['There are several accounts: say which one with --account (a, b).'],
    ]);
    const unknown = await logIn({ yaml, account: 'c' });
    expect([unknown.code, unknown.terminal.complaints]).toEqual([
      2,
      ['There is no account "c": the configuration has a, b.'],
    ]);
  });

  it('says that the state folder cannot be used', async () => {
    writeFileSync(join(folder, 'state'), '');
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(2);
    expect(terminal.complaints).toEqual([expect.stringMatching(/^The state folder .*\.$/)]);
    expect(calls()).toEqual([]);
  });
});

describe('a login that does not work', () => {
  const outcomes: readonly (readonly [string, FaultInput, RegExp])[] = [
    ['new terms', { type: 'consent' }, /accept its terms.*http.*authorize\?.*\(consentRequired/],
    ['the firewall', { type: 'abusing' }, /firewall.*\(blocked/],
    ['maintenance', { type: 'html200', match: { kind: 'idp' } }, /maintenance.*\(cloudUnavailable/],
    ['maintenance at the sign-in', { type: 'html200', match: { kind: 'idp.signin' } }, /maintenance.*\(cloudUnavai/],
    ['an outage', { type: 'status', code: 503, match: { kind: 'idp' } }, /\(cloudUnavailable/],
    [
      'a one-time code',
      { type: 'status', code: 302, headers: { location: '/auth/account/otp' }, match: { kind: 'idp.signin' } },
      /one-time code.*\(otpRequired/,
    ],
    [
      'too many requests',
      { type: 'status', code: 429, match: { kind: 'idp.signin' } },
      /requests to the cloud is used up.*\(rateLimited/,
    ],
  ];
  it.each(outcomes)('because of %s says so, stores no session and ends with code 1', async (_, fault, words) => {
    simulator.faults.add({ type: 'oldLoginGone' });
    simulator.faults.add(fault);
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(1);
    expect(terminal.complaints.join(' ')).toMatch(words);
    expect(terminal.complaints.at(-1)).toMatch(/^No session was stored\. Logins left in these 24 hours: [23]\.$/);
    expect(stored().session).toBeNull();
  });

  it('because of a wrong password is made once, and counts', async () => {
    const { code, terminal } = await logIn({ env: { ...ACCOUNT, HYUNDAI_PASSWORD: 'wrong' } });
    expect(code).toBe(1);
    expect(terminal.complaints[0]).toBe('The cloud does not accept the user name and password.');
    expect(terminal.complaints.at(-1)).toContain('Logins left in these 24 hours: 2.');
    expect(calls('idp.signin')).toHaveLength(1);
  });

  it('is not made when the budget is used up: says when the next one may be', async () => {
    for (const _ of [1, 2, 3]) await logIn({ env: { ...ACCOUNT, HYUNDAI_PASSWORD: 'wrong' } });
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(1);
    expect(terminal.complaints.join(' ')).toMatch(/3 logins of these 24 hours are used up.*at 20.*\(loginBudget/);
    expect(calls('idp.signin')).toHaveLength(3);
  });

  it('leaves the session alone that was there', async () => {
    await logIn({ env: ACCOUNT });
    const before = stored();
    await logIn({ env: { ...ACCOUNT, HYUNDAI_PASSWORD: 'wrong' } });
    expect(stored()).toMatchObject({ session: before.session, generation: 1, deviceId: before.deviceId });
    expect(stored().logins).toHaveLength(2);
  });

  it('leaves it alone, too, when the cloud refuses what came of the login', async () => {
    await logIn({ env: ACCOUNT });
    const before = stored();
    simulator.faults.add({ type: 'rejectFreshTokens' });
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(1);
    expect(terminal.complaints[0]).toMatch(/refuses the session.*Nothing was stored\.$/);
    expect(stored().session).toEqual(before.session);
  });

  it('only because the vehicle list cannot be read is stored, and says that it could not be tried', async () => {
    simulator.faults.add({ type: 'status', code: 503, match: { kind: 'list' } });
    const { code, terminal } = await logIn({ env: ACCOUNT });
    expect(code).toBe(1);
    expect(terminal.complaints[0]).toBe('It could not be tried, because the vehicle list could not be read:');
    expect(stored()).toMatchObject({ generation: 1, session: { flow: 'oneApp' } });
  });
});

describe('a login with a person at the terminal', () => {
  it('asks for what the configuration lacks, the password without showing it', async () => {
    const { code, terminal } = await logIn({ answers: ['tesla', 'Hyundai', '', OWNER.username, OWNER.password] });
    expect(code).toBe(0);
    expect(terminal.asked).toEqual([
      'Brand, hyundai or kia: ',
      'Brand, hyundai or kia: ',
      'User name (the e-mail address of the vendor’s app): ',
      'User name (the e-mail address of the vendor’s app): ',
      'hidden: Password (not shown): ',
    ]);
    expect(terminal.said.at(-1)).toBe('The configuration still lacks the brand, the username, the password.');
  });

  it('asks for nothing that the configuration says', async () => {
    const { code, terminal } = await logIn({ env: ACCOUNT, answers: [] });
    expect([code, terminal.asked]).toEqual([0, []]);
  });

  it('asks which account is meant', async () => {
    const yaml = `accounts: [{name: a, username: x, password: y}, {name: b, username: ${OWNER.username}}]`;
    const { code, terminal } = await logIn({ yaml, answers: ['b', OWNER.password] });
    expect(code).toBe(0);
    expect(terminal.asked[0]).toBe('Which account (a, b)? ');
  });

  it('ends without a trace when the person ends it', async () => {
    const { code, terminal } = await logIn({ answers: ['hyundai'] });
    expect([code, terminal.complaints]).toEqual([1, ['Nothing was changed.']]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lets a mistyped password be typed again, within the budget', async () => {
    const env = { ...ACCOUNT, HYUNDAI_PASSWORD: 'wrong' };
    const { code } = await logIn({ env, answers: [OWNER.password] });
    expect(code).toBe(0);
    expect(stored().logins).toHaveLength(2);
    const again = await logIn({ env, answers: ['no', 'no', 'no', 'no'] });
    expect(again.code).toBe(1);
    expect(again.terminal.asked).toHaveLength(1);
    expect(calls('idp.signin')).toHaveLength(3);
  });

  it('waits until the terms have been accepted', async () => {
    simulator.faults.add({ type: 'consent', times: 1 });
    const { code, terminal } = await logIn({ env: ACCOUNT, answers: [''] });
    expect(code).toBe(0);
    expect(terminal.asked).toEqual(['Press Enter when you have accepted them, or Ctrl-C to stop: ']);
  });
});
