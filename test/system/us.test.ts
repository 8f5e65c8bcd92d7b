import { describe, expect } from 'vitest';
import { hosted as it } from './stage.ts';

const US = { account: { region: 'US' as const }, environment: { HYUNDAI_REGION: 'US' } };

describe.concurrent('an account of Hyundai in the US', () => {
  it('reads its car, locks it, recovers from a token that was taken back, and goes on after a restart', async ({
    aStage,
  }) => {
    const stage = await aStage(US);
    const state = await stage.mqtt.on(`${stage.car}/state`, () => true);
    expect(state.json).toMatchObject({ generation: 'hata', locked: true, odometer_km: 15_234.1, soc_pct: 62 });

    expect(await stage.lockAndSettle(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.cloud.car(stage.car).actual.locked).toBe(false);

    const since = stage.mark;
    stage.cloud.revokeTokens();
    expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(stage.refreshes(since).map(({ status }) => status)).toEqual([200]);
    expect(stage.logins(since)).toEqual([]);
    expect(stage.cloud.car(stage.car).deliveries.map(({ order }) => order)).toEqual(['door:open', 'door:close']);

    expect((await stage.daemon.stop()).code).toBe(0);
    const [restarted, seen] = [stage.mark, stage.mqtt.seen.all.length];
    stage.start();
    await stage.ready(undefined, seen);
    expect(stage.logins(restarted)).toEqual([]);
  });

  it('says what this cloud cannot do, and what of the climate the car cannot', async ({ aStage }) => {
    const stage = await aStage(US);
    expect(await stage.mqtt.command(stage.car, 'charge_port', { action: 'open' })).toMatchObject({
      status: 'rejected',
      reason: 'unsupported',
      message: expect.stringMatching(/cloud of the US/),
    });
    const climate = { action: 'start', set_temp: 20.5, side_mirrors: 1, front_left_seat: 6 };
    expect(await stage.mqtt.command(stage.car, 'climate', climate)).toMatchObject({
      status: 'succeeded',
      sent: { set_temp: 20.5, front_left_seat: 6 },
      ignored: ['side_mirrors'],
    });
    // The nearest whole °F.
    expect(stage.cloud.car(stage.car).deliveries.map(({ order }) => order)).toEqual(['climate:start 20.6']);
    expect(await stage.mqtt.command(stage.car, 'climate', { action: 'start', set_temp: 29 })).toMatchObject({
      status: 'rejected',
      reason: 'invalidOption',
      message: expect.stringMatching(/17 to 27\.5/),
    });
  });

  it('sends a wrong PIN to the car once, whatever is asked after that, and still reads', async ({ aStage }) => {
    const stage = await aStage({ ...US, environment: { ...US.environment, HYUNDAI_PIN: '0000' } });
    const results = [await stage.mqtt.lock(stage.car, 'unlock'), await stage.mqtt.lock(stage.car, 'lock')];
    expect(results.map(({ status, reason }) => [status, reason])).toEqual([
      ['rejected', 'wrongPin'],
      ['rejected', 'wrongPin'],
    ]);
    expect(stage.calls('control')).toHaveLength(1);
    expect(await stage.mqtt.command(stage.car, 'refresh', { action: 'force' })).toMatchObject({ status: 'succeeded' });
    expect(stage.refreshes()).toEqual([]);
  });
});
