import { describe, expect } from 'vitest';
import { QUICK_PACE } from './pace.ts';
import { hosted as it, it as ownProcess } from './stage.ts';

describe.concurrent('an account with a problem', () => {
  it('wrong password: said on the account, asked once, and a command is answered', async ({ aStage }) => {
    const stage = await aStage({ ready: false, environment: { ...QUICK_PACE, HYUNDAI_PASSWORD: 'not the password' } });
    const view = await stage.mqtt.account(({ reason }) => reason === 'credentialsRejected');
    expect(view).toMatchObject({ token: 'failed', retry_at: null, message: expect.stringMatching(/\w+ .*\./) });
    await stage.mqtt.send('c0', 'lock', { action: 'lock', id: 'x' });
    await stage.mqtt.publish('hyundai/bridge/request/refresh_accounts', '');
    await stage.mqtt.on('bridge/response/refresh_accounts');
    const signIns = stage.cloud.log.filter(({ kind }) => /signin$|keycloak\.submit/.test(kind));
    expect(signIns).toHaveLength(1);
    await stage.daemon.log.next('the error', ({ level, msg }) => level === 'error' && msg === 'refresh failed');
    expect(await stage.mqtt.result('x')).toMatchObject({ reason: 'credentialsRejected', attempts: 0 });
  });

  it('wrong PIN: unlock is refused, asked once only, and all else works', async ({ aStage }) => {
    const stage = await aStage({ environment: { HYUNDAI_PIN: '0815' } });
    const first = await stage.mqtt.lock(stage.car, 'unlock');
    expect(first).toMatchObject({ status: 'rejected', reason: 'wrongPin', hint: expect.stringMatching(/PIN/) });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'rejected', reason: 'wrongPin' });
    expect(stage.calls('pin')).toHaveLength(1);
    expect(stage.calls('control')).toEqual([]);
    expect(stage.cloud.car(stage.car).actual.locked).toBe(true);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    // Not asked again after a restart either: the vendor would lock it.
    await stage.daemon.stop();
    const seen = stage.mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, seen);
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'rejected', reason: 'wrongPin' });
    expect(stage.calls('pin')).toHaveLength(1);
  });

  it('no PIN: unlock is refused without a call, lock works, and the log says so at the start', async ({ aStage }) => {
    const stage = await aStage({ environment: { HYUNDAI_PIN: '' } });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'rejected', reason: 'wrongPin' });
    expect(stage.calls('pin')).toEqual([]);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    await stage.daemon.log.next('a word about the PIN', ({ level, msg }) => level === 'warn' && /PIN/.test(msg));
  });

  it('a cloud that answers everything with a web page: said on the account, and tried again by itself', async ({
    aStage,
  }) => {
    const stage = await aStage({ start: false });
    const fault = stage.cloud.faults.add({ type: 'html200' });
    stage.start(QUICK_PACE);
    const view = await stage.mqtt.account(({ reason }) => reason !== null);
    expect(view).toMatchObject({ reason: 'refreshFailed', message: expect.stringMatching(/\w+ .*\./) });
    expect(view.message).not.toMatch(/</);
    fault.lift();
    await stage.ready();
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });

  it('a cloud that answers a control with a web page: nobody knows, and that is what the result says', async ({
    aStage,
  }) => {
    const stage = await aStage({
      // Of the lock only: the other control of this story has its usual time.
      environment: { BLUELINKD_TIMING_LOCK_CONFIRM_MS: '1000', BLUELINKD_TIMING_SETTLE_MS: '50' },
    });
    const fault = stage.cloud.faults.add({ type: 'html200', match: { kind: 'control' } });
    const result = await stage.mqtt.lock(stage.car, 'unlock');
    expect(result).toMatchObject({ status: 'unknown', reason: 'noConfirmation' });
    expect(result.message).not.toMatch(/</);
    expect(stage.calls('control')).toHaveLength(1);
    fault.lift();
    expect(await stage.mqtt.command(stage.car, 'charge_port', { action: 'open' })).toMatchObject({
      status: 'succeeded',
    });
  });

  it('no car at all: said on the account, and a command for any car is answered', async ({ aStage }) => {
    const stage = await aStage({ account: { cars: [] } });
    const view = await stage.mqtt.account(({ cars, token }) => cars === 0 && token === 'valid');
    expect(view).toMatchObject({ token: 'valid', message: expect.stringMatching(/no car/) });
    expect(await stage.mqtt.lock('c0')).toMatchObject({ status: 'rejected', reason: 'unknownCar' });
  });

  it('a list that is no list: said in the log, and tried again', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const fault = stage.cloud.faults.add({ type: 'wrongShape', path: 'resMsg', value: 'no', match: { kind: 'list' } });
    stage.start(QUICK_PACE);
    const isWord = ({ msg }: { readonly msg: string }) => msg === 'the vehicle list could not be read';
    expect(await stage.daemon.log.next('a word about the list', isWord)).toMatchObject({
      level: 'warn',
      account: 'main',
      reason: 'invalidResponse',
      detail: expect.stringContaining('resMsg'),
    });
    fault.lift();
    await stage.ready();
  });

  it('limited to one of its cars by HYUNDAI_VEHICLE_ID: the other one does not exist', async ({ aStage }) => {
    const stage = await aStage({ cars: 2, ready: false, environment: { HYUNDAI_VEHICLE_ID: 'c1' } });
    await stage.mqtt.on('c1/state');
    expect(await stage.mqtt.lock('c0')).toMatchObject({ status: 'rejected', reason: 'unknownCar' });
    expect(stage.mqtt.last('c0/state')).toBeUndefined();
    expect(stage.cloud.log.filter(({ car }) => car === 'c0')).toEqual([]);
  });

  it('terms to be accepted first: said in words, and nobody logs in again and again', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    stage.cloud.faults.add({ type: 'consent' });
    stage.start({ ...QUICK_PACE, HYUNDAI_LOGIN: 'oneApp' });
    const view = await stage.mqtt.account(({ reason }) => reason !== null);
    expect(view).toMatchObject({ token: 'failed', reason: 'consentRequired', retry_at: null });
    expect(stage.logins()).toHaveLength(1);
  });

  it('a car that refuses: the result says so, and nothing is repeated', async ({ aStage }) => {
    const stage = await aStage();
    const fault = stage.cloud.faults.add({ type: 'recordFail' });
    const result = await stage.mqtt.lock(stage.car, 'unlock');
    expect(result).toMatchObject({ status: 'failed', reason: 'carRefused', hint: expect.stringMatching(/door/) });
    expect(stage.calls('control')).toHaveLength(1);
    expect((await stage.mqtt.on(`${stage.car}/status/error`)).json).toMatchObject({
      value: { error_type: 'carRefused', command_type: 'lock' },
    });
    fault.lift();
    const seen = stage.mqtt.seen.all.length;
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    const over = await stage.mqtt.on(`${stage.car}/status/error`, () => true, undefined, seen);
    expect(over.json).toMatchObject({ value: null });
  });
});

describe('a broker with a problem', () => {
  ownProcess(
    'refuses our login: said in the log, never the password, and the cloud is not troubled the more',
    async ({ aStage }) => {
      const stage = await aStage({
        broker: { username: 'house', password: 'front door' },
        ready: false,
        environment: { MQTT_USERNAME: 'house', MQTT_PASSWORD: 'backdoor-9f3e' },
      });
      const line = await stage.daemon.log.next(
        'the refusal',
        ({ level, msg }) => level === 'error' && /broker/i.test(msg),
      );
      expect(line.msg).toMatch(/password|login|not allowed|authori[sz]ed|refuse/i);
      expect(stage.daemon.stdout).not.toContain('backdoor-9f3e');
      expect(stage.daemon.stdout).not.toContain('front door');
      expect(await stage.daemon.stop()).toEqual({ code: 0, signal: null });
    },
  );

  it('wants a login and gets the right one', async ({ aStage }) => {
    const stage = await aStage({
      broker: { username: 'house', password: 'front door' },
      environment: { MQTT_USERNAME: 'house', MQTT_PASSWORD: 'front door' },
    });
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });
});
