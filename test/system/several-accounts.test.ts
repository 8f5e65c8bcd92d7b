import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { QUICK_PACE } from './pace.ts';
import { carNamed, hosted as it, OWNER } from './stage.ts';

const KIA = {
  ...OWNER,
  username: 'kia@example.com',
  password: 'a "quoted" password',
  refreshToken: 'KKKDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
};

/** A household: a Hyundai with a name of its own, and a Kia in another account. */
const household = {
  start: false,
  cloud: {
    accounts: [
      { ...OWNER, brand: 'hyundai' as const, cars: [carNamed('h0', 0)] },
      { ...KIA, brand: 'kia' as const, cars: [carNamed('k0', 1)] },
    ],
  },
};

function configure(stage: Stage, kiaPassword = KIA.password): void {
  const file = [
    'accounts:',
    '  - name: mine',
    `    username: ${OWNER.username}`,
    `    password: ${OWNER.password}`,
    `    pin: ${OWNER.pin}`,
    '    vehicles:',
    '      - { id: h0, name: ioniq }',
    '  - name: yours',
    `    username: ${KIA.username}`,
    `    password: '${kiaPassword}'`,
    `    pin: ${KIA.pin}`,
    '    brand: kia',
    'mqtt:',
    '  base_topic: home/cars',
    '',
  ];
  writeFileSync(join(stage.folder, 'bluelinkd.yaml'), file.join('\n'), { mode: 0o600 });
}

/** Everything else comes from the file. */
const NO_ACCOUNT = { HYUNDAI_USERNAME: '', HYUNDAI_PASSWORD: '', HYUNDAI_PIN: '' };
const BASE = 'home/cars';

describe.concurrent('two accounts of two brands in one daemon', () => {
  it('work beside each other, each with a session of its own', async ({ aStage }) => {
    const stage = await aStage({ ...household, base: BASE });
    configure(stage);
    stage.start(NO_ACCOUNT);
    await Promise.all([stage.mqtt.on('ioniq/state'), stage.mqtt.on('k0/state')]);
    const since = stage.mark;
    stage.cloud.revokeTokens({ account: 1 });
    const results = await Promise.all([stage.mqtt.lock('ioniq', 'unlock'), stage.mqtt.lock('k0', 'unlock')]);
    expect(results.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['succeeded', 1],
      ['succeeded', expect.any(Number)],
    ]);
    expect(stage.cloud.car('h0').actual.locked).toBe(false);
    expect(stage.cloud.car('k0').actual.locked).toBe(false);
    expect(stage.refreshes(since)).toHaveLength(1);
    expect(await stage.mqtt.account(({ token }) => token === 'valid', 'mine')).toMatchObject({ generation: 1 });
    expect(await stage.mqtt.account(({ generation }) => generation === 2, 'yours')).toMatchObject({
      breaker: 'closed',
    });
  });

  it('one with a wrong password does not keep the other from working', async ({ aStage }) => {
    const stage = await aStage({ ...household, base: BASE });
    configure(stage, 'wrong');
    stage.start({ ...NO_ACCOUNT, ...QUICK_PACE });
    await stage.mqtt.account(({ reason }) => reason === 'credentialsRejected', 'yours');
    await stage.mqtt.on('ioniq/state');
    expect(await stage.mqtt.lock('ioniq', 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(await stage.mqtt.lock('k0', 'unlock')).toMatchObject({ reason: 'credentialsRejected', attempts: 0 });
    expect(stage.calls('control').map(({ car }) => car)).toEqual(['h0']);
  });

  it('one with a cloud out of order does not hold up the other', async ({ aStage }) => {
    const stage = await aStage({ ...household, base: BASE });
    configure(stage);
    stage.start(NO_ACCOUNT);
    await Promise.all([stage.mqtt.on('ioniq/state'), stage.mqtt.on('k0/state')]);
    stage.cloud.faults.add({ type: 'status', code: 503, match: { kind: 'control', account: 1 } });
    for (let n = 0; n < 6; n += 1) await stage.mqtt.lock('k0', n % 2 === 0 ? 'lock' : 'unlock');
    await stage.mqtt.account(({ breaker }) => breaker === 'open', 'yours');
    expect(await stage.mqtt.lock('ioniq', 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.mqtt.accountViews('mine').map(({ breaker }) => breaker)).not.toContain('open');
  });
});
