import { describe, expect } from 'vitest';
import type { CommandResult } from '../support/observer.ts';
import type { Stage } from '../support/stage.ts';
import { hosted as it } from './stage.ts';

/** Those that hold when nothing is configured: an empty variable counts as none. */
const DEFAULTS = {
  BLUELINKD_BUDGET_CALLS_PER_DAY: '',
  BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '',
  BLUELINKD_BUDGET_FORCED_READ_GAP_S: '',
  BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: '',
};
const refresh = (stage: Stage, action: string): Promise<CommandResult> =>
  stage.mqtt.command(stage.car, 'refresh', { action });
const view = (stage: Stage) => stage.mqtt.accountViews().at(-1) as unknown as Readonly<Record<string, unknown>>;

describe.concurrent('the limits of an account', () => {
  it('let a car be woken once in half an hour, also after a restart, unless the sender insists', async ({ aStage }) => {
    const stage = await aStage({ environment: DEFAULTS });
    expect(await refresh(stage, 'force')).toMatchObject({ status: 'succeeded' });
    const second = await refresh(stage, 'force');
    expect(second).toMatchObject({ status: 'rejected', reason: 'budget', attempts: 0 });
    const retryInMs = Date.parse(String((second as { retry_at?: string }).retry_at)) - Date.now();
    expect(retryInMs).toBeGreaterThan(1_700_000);
    expect(retryInMs).toBeLessThanOrEqual(1_800_000);
    await stage.daemon.stop();
    const since = stage.mqtt.seen.all.length;
    stage.start(DEFAULTS);
    await stage.ready(undefined, since);
    const mark = stage.mark;
    expect(await refresh(stage, 'force')).toMatchObject({ status: 'rejected', reason: 'budget' });
    expect(stage.calls('status.forced', mark)).toHaveLength(0);
    expect(await refresh(stage, 'force!')).toMatchObject({ status: 'succeeded' });
    expect(await refresh(stage, 'cached')).toMatchObject({ status: 'succeeded' });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
  });

  it('leave a car with a weak 12 V battery alone, unless the sender insists', async ({ aStage }) => {
    const stage = await aStage({ environment: DEFAULTS, ready: false, start: false });
    stage.cloud.car(stage.car).change({ battery12vPercent: 58 });
    stage.cloud.car(stage.car).reportNow();
    stage.start(DEFAULTS);
    await stage.ready();
    const refused = await refresh(stage, 'force');
    expect(refused).toMatchObject({ status: 'rejected', reason: 'budget', attempts: 0 });
    expect(refused.message).toMatch(/58 %; below 60 %/);
    expect(stage.cloud.car(stage.car).wakes).toBe(0);
    expect(await refresh(stage, 'force!')).toMatchObject({ status: 'succeeded' });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
  });

  it('never refuse a control: with all calls used, only reads are', async ({ aStage }) => {
    const stage = await aStage({
      environment: { BLUELINKD_BUDGET_CALLS_PER_DAY: '1', INITIAL_REFRESH: 'false' },
      ready: false,
    });
    await stage.mqtt.account(({ cars }) => cars === 1);
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    await stage.mqtt.on(`${stage.car}/state`);
    expect(await refresh(stage, 'cached')).toMatchObject({ status: 'rejected', reason: 'budget' });
    expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({ status: 'succeeded' });
  });

  it('are shown with what is left of them', async ({ aStage }) => {
    const stage = await aStage({ environment: DEFAULTS });
    await refresh(stage, 'force');
    // What the last word on the account says when nothing more is called.
    await stage.mqtt.account((shown) => {
      const { forced_reads_left: left, calls_used: used } = shown as unknown as {
        readonly forced_reads_left?: Record<string, number>;
        readonly calls_used?: number;
      };
      return left?.[stage.car] === 5 && used === stage.cloud.log.length;
    });
    const shown = view(stage);
    expect(shown).toMatchObject({ calls_limit: 200, calls_used: expect.any(Number) });
    expect(shown.calls_left).toBe(200 - Number(shown.calls_used));
    expect(shown.calls_used).toBe(stage.cloud.log.length);
    expect(shown.server_calls_left).toEqual(expect.any(Number));
    expect(Date.parse(String(shown.next_poll_at)) - Date.now()).toBeGreaterThan(1_700_000);
  });
});

describe.concurrent('polling', () => {
  it("reads the cloud's memory by itself, and never wakes the car", async ({ aStage }) => {
    const stage = await aStage({ environment: { BLUELINKD_POLL_INTERVAL_S: '1' } });
    const since = stage.mqtt.seen.all.length;
    await stage.mqtt.on(`${stage.car}/state`, () => true, undefined, since);
    expect(stage.calls('status.forced')).toHaveLength(0);
    expect(stage.calls('control')).toHaveLength(0);
  });
});

describe.concurrent('what the configuration allows', () => {
  it('read_only: every control is refused before anything is accepted, reads are not', async ({ aStage }) => {
    const stage = await aStage({ environment: { BLUELINKD_READ_ONLY: 'true' } });
    const since = stage.mark;
    for (const [name, body] of [
      ['lock', { action: 'lock' }],
      ['climate', { action: 'stop' }],
      ['horn', { action: 'on' }],
    ] as const) {
      expect(await stage.mqtt.command(stage.car, name, body)).toMatchObject({ status: 'rejected', reason: 'readOnly' });
    }
    expect(stage.mqtt.results(stage.car).filter(({ status }) => status === 'accepted')).toEqual([]);
    expect(stage.calls('control', since)).toEqual([]);
    expect(await refresh(stage, 'cached')).toMatchObject({ status: 'succeeded' });
  });

  it.for([
    // An unlock is told what it lacks besides: the PIN.
    ['without a PIN', 'wrongPin', { HYUNDAI_PIN: '' }],
    ['with controls: safe', 'notArmed', { BLUELINKD_CONTROLS: 'safe' }],
  ] as const)(
    '%s: what opens the car is refused, what closes it is not',
    async ([, unlock, environment], { aStage }) => {
      const stage = await aStage({ environment });
      for (const [name, body] of [
        ['valet', { action: 'activate' }],
        ['charge_port', { action: 'open' }],
        ['windows', { front_left: 1, front_right: 0, back_left: 0, back_right: 0 }],
      ] as const) {
        expect(await stage.mqtt.command(stage.car, name, body)).toMatchObject({
          status: 'rejected',
          reason: 'notArmed',
        });
      }
      expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'rejected', reason: unlock });
      expect(stage.calls('pin')).toEqual([]);
      expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({ status: 'succeeded' });
    },
  );
});
