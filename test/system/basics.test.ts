import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { explainFailure, it, openStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ cars: 2 });
}, 90_000);
afterAll(() => stage.close());
beforeEach(() => explainFailure(stage));

/** What every state has, as the fixtures' expectations name it, and what the contract adds. */
const STATE_KEYS = [
  ...['battery_12v_pct', 'charge_limit_ac_pct', 'charge_limit_dc_pct', 'charge_port_open', 'charge_power_kw'],
  ...['charging', 'climate_on', 'defrost', 'doors_open', 'engine_on', 'fuel_level_pct', 'hood_open'],
  ...['last_updated_utc', 'location', 'locked', 'minutes_to_charge', 'odometer_km', 'plug_type', 'plugged'],
  ...['range_ev_km', 'range_fuel_km', 'range_total_km', 'rear_window_heat', 'seat_heat', 'set_temp_c'],
  ...['side_mirror_heat', 'soc_pct', 'soh_pct', 'steering_wheel_heat', 'sunroof_open', 'trunk_open'],
  ...['tyre_warning', 'windows_open'],
  ...['id', 'name', 'model', 'generation', 'engine', 'charging_current_level', 'tyre_pressure_kpa', 'car_time'],
  ...['fetched_at', 'source', 'stale', 'extra'],
];

/** The older bridge's topics that a battery car at rest has, and the type of their value. */
const KEPT: Readonly<Record<string, { readonly type: string; readonly unit?: string; readonly qos: number }>> = {
  'battery/level': { type: 'number', unit: '%', qos: 1 },
  'battery/charging_status': { type: 'string', qos: 1 },
  'battery/plug_status': { type: 'string', qos: 1 },
  'ev/range': { type: 'number', unit: 'km', qos: 1 },
  'ev/charge_limit': { type: 'number', unit: '%', qos: 1 },
  'status/doors/locked': { type: 'boolean', qos: 1 },
  'status/doors/front_left_open': { type: 'boolean', qos: 1 },
  'status/doors/front_right_open': { type: 'boolean', qos: 1 },
  'status/doors/back_left_open': { type: 'boolean', qos: 1 },
  'status/doors/back_right_open': { type: 'boolean', qos: 1 },
  'status/doors/trunk_open': { type: 'boolean', qos: 1 },
  'status/doors/hood_open': { type: 'boolean', qos: 1 },
  'status/windows/front_left': { type: 'object', qos: 1 },
  'status/windows/back_right': { type: 'object', qos: 1 },
  'status/climate/is_on': { type: 'boolean', qos: 1 },
  'status/climate/set_temperature': { type: 'number', unit: '°C', qos: 1 },
  'status/climate/defrost': { type: 'boolean', qos: 1 },
  'status/tires/all_normal': { type: 'boolean', qos: 1 },
  'status/tires/front_left_warning': { type: 'boolean', qos: 1 },
  'status/engine/is_running': { type: 'boolean', qos: 1 },
  'status/last_updated': { type: 'string', qos: 0 },
  'status/data_source': { type: 'string', qos: 0 },
  'status/update_method': { type: 'string', qos: 0 },
};

describe('the daemon at work', () => {
  it('says that it is online, which version it is and where its cloud is', async () => {
    const online = await stage.mqtt.on('bridge/state');
    expect(online).toMatchObject({ text: 'online', retain: true, qos: 1 });
    const info = await stage.mqtt.on('bridge/info');
    expect(info.retain).toBe(true);
    expect(info.json).toMatchObject({ mqtt: '5', cloud_url: stage.cloud.url, simulated: false });
    expect(info.json).toHaveProperty('version', expect.stringMatching(/^\d+\.\d+\.\d+/));
  });

  it('shows the account: token valid, breaker closed, two cars', async () => {
    const view = await stage.mqtt.account(({ token, cars }) => token === 'valid' && cars === 2);
    expect(view).toMatchObject({ token: 'valid', breaker: 'closed', cars: 2, reason: null, message: null });
  });

  it("publishes the older bridge's readings under the topics, units, QoS and retain flags that people know", async () => {
    for (const [topic, { type, unit, qos }] of Object.entries(KEPT)) {
      const message = await stage.mqtt.on(`c0/${topic}`);
      expect(message, topic).toMatchObject({ qos, retain: true });
      const reading = message.json as { value: unknown; unit?: string; timestamp: string };
      expect(typeof reading.value, topic).toBe(type);
      expect(reading.unit, topic).toBe(unit);
      expect(reading.timestamp, topic).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
    }
    expect(stage.mqtt.last('c0/battery/level')?.json).toMatchObject({ value: 62 });
    expect(stage.mqtt.last('c0/status/windows/front_left')?.json).toMatchObject({
      value: { value: 0, state: 'CLOSED' },
    });
  });

  it('publishes the whole car as one state with all its keys, whatever is known', async () => {
    const state = await stage.mqtt.on('c0/state');
    expect(state).toMatchObject({ retain: true, qos: 1 });
    expect(Object.keys(state.json as object).sort()).toEqual([...STATE_KEYS].sort());
    expect(state.json).toMatchObject({
      id: 'c0',
      soc_pct: 62,
      battery_12v_pct: 86,
      odometer_km: 15_234.5,
      locked: true,
      doors_open: { front_left: false, front_right: false, rear_left: false, rear_right: false },
      location: null,
      stale: false,
      source: 'cached',
    });
  });

  it('locks and unlocks: accepted first, then the end, with the state of the car after it', async () => {
    for (const action of ['unlock', 'lock'] as const) {
      const since = stage.mqtt.seen.all.length;
      const id = await stage.mqtt.send('c0', 'lock', { action });
      const result = await stage.mqtt.result(id);
      expect(result).toMatchObject({ command: 'lock', status: 'succeeded', attempts: 1 });
      expect(result).not.toHaveProperty('reason');
      expect(stage.mqtt.results('c0').filter((record) => record.id === id)).toMatchObject([
        { status: 'accepted', finished_at: null },
        { status: 'succeeded' },
      ]);
      const isLocked = action === 'lock';
      expect(stage.cloud.car('c0').actual.locked).toBe(isLocked);
      await stage.mqtt.on('c0/state', ({ locked }: { locked: boolean }) => locked === isLocked, undefined, since);
      const reading = await stage.mqtt.on('c0/status/doors/locked', () => true, undefined, since);
      expect(reading.json).toMatchObject({ value: isLocked });
      const isItsEnd = (last: { id: string; status: string }) => last.id === id && last.status !== 'accepted';
      const last = await stage.mqtt.on('c0/command', isItsEnd, undefined, since);
      expect(last).toMatchObject({ retain: true, json: { id, status: 'succeeded' } });
    }
    expect(stage.calls('control.door')).toHaveLength(2);
    expect(stage.mqtt.last('c1/command')).toBeUndefined();
  });

  it("answers on the older bridge's action topics, too: PENDING, then SUCCESS", async () => {
    const since = stage.mqtt.seen.all.length;
    const result = await stage.lockAndSettle('c0');
    const ofIt = `hyundai/c0/action/${(result as { action_id?: string }).action_id}/status`;
    const isStatus = ({ topic }: { topic: string }) => topic === ofIt;
    await stage.mqtt.seen.next('SUCCESS', (message) => isStatus(message) && message.text === 'SUCCESS', since);
    const said = stage.mqtt.seen.all.slice(since).filter(isStatus);
    expect(said.map(({ text }) => text)).toEqual(['PENDING', 'SUCCESS']);
    expect(said[0]).toMatchObject({ qos: 1, retain: false });
    const topic = said[0]?.topic.replace(/status$/, 'completed_at');
    await stage.mqtt.seen.next('the time of completion', (message) => message.topic === topic, since);
  });

  it('refresh cached reads what the cloud remembers and wakes nobody', async () => {
    const since = stage.mark;
    const wakes = stage.cloud.car('c1').wakes;
    expect(await stage.mqtt.command('c1', 'refresh', { action: 'cached' })).toMatchObject({ status: 'succeeded' });
    expect(stage.calls('status.latest', since).filter(({ car }) => car === 'c1')).toHaveLength(1);
    expect(stage.cloud.car('c1').wakes).toBe(wakes);
  });

  it('refresh force asks the car itself, once, and says so', async () => {
    const wakes = stage.cloud.car('c0').wakes;
    const since = stage.mqtt.seen.all.length;
    expect(await stage.mqtt.command('c0', 'refresh', { action: 'force' })).toMatchObject({ status: 'succeeded' });
    expect(stage.cloud.car('c0').wakes).toBe(wakes + 1);
    const isForced = ({ source }: { source: string }) => source === 'forced';
    await stage.mqtt.on('c0/state', isForced, undefined, since);
    const says = (wanted: string) => (json: { value: string }) => json.value === wanted;
    await stage.mqtt.on('c0/status/data_source', says('fresh'), undefined, since);
    await stage.mqtt.on('c0/status/update_method', says('force'), undefined, since);
  });

  it('refresh smart:300 asks nobody while the known state is young enough', async () => {
    stage.cloud.car('c0').reportNow();
    await stage.mqtt.command('c0', 'refresh', { action: 'force' });
    const since = stage.mark;
    const seen = stage.mqtt.seen.all.length;
    await stage.mqtt.send('c0', 'refresh', 'smart:300');
    expect(await stage.mqtt.nextResult('c0', 'refresh', seen)).toMatchObject({ status: 'succeeded', attempts: 0 });
    expect(stage.calls('status', since)).toEqual([]);
  });

  it('refresh smart:300 asks the cloud when the known state is an hour old, and never wakes the car', async ({
    aStage,
  }) => {
    let behindMs = 3_600_000;
    const own = await aStage({ cloud: { clock: { now: () => Date.now() - behindMs } } });
    behindMs = 0;
    expect(await own.mqtt.command('c0', 'refresh', { action: 'cached' })).toMatchObject({ attempts: 1 });
    const since = own.mark;
    expect(await own.mqtt.command('c0', 'refresh', { action: 'smart:86400' })).toMatchObject({ attempts: 0 });
    expect(own.calls('status', since)).toEqual([]);
    expect(await own.mqtt.command('c0', 'refresh', { action: 'smart:300' })).toMatchObject({ attempts: 1 });
    expect(own.calls('status', since).map(({ kind }) => kind)).toEqual(['status.latest']);
    expect(own.cloud.car('c0').wakes).toBe(0);
  });

  it('understands bare words in any case', async () => {
    for (const [command, word] of [
      ['lock', 'UNLOCK'],
      ['lock', 'Lock'],
      ['refresh', 'cached'],
      ['refresh', 'FORCE'],
    ] as const) {
      const seen = stage.mqtt.seen.all.length;
      await stage.mqtt.send('c1', command, word);
      expect(await stage.mqtt.nextResult('c1', command, seen), word).toMatchObject({ status: 'succeeded' });
    }
    expect(stage.cloud.car('c1').actual.locked).toBe(true);
  });

  it('answers how it is, and reads all cars when asked', async () => {
    await stage.mqtt.publish('hyundai/bridge/request/health', '');
    const health = await stage.mqtt.on('bridge/response/health');
    expect(health.json).toMatchObject({
      status: 'ok',
      cars: 2,
      accounts: { main: { token: 'valid', breaker: 'closed' } },
    });
    const since = stage.mark;
    await stage.mqtt.publish('hyundai/bridge/request/refresh_accounts', '');
    expect((await stage.mqtt.on('bridge/response/refresh_accounts')).json).toMatchObject({ status: 'ok', cars: 2 });
    await stage.called('status.latest', since, ({ car }) => car === 'c1');
  });

  it('writes every hop of a command into the log under its id', async () => {
    const { id } = await stage.mqtt.lock('c0', 'unlock');
    await stage.daemon.log.next('the end of it', (line) => line.id === id && line.msg === 'command ended');
    const lines = stage.daemon.log.all.filter((line) => line.id === id);
    expect(lines.map(({ actor, msg }) => `${actor}: ${msg}`)).toEqual(
      expect.arrayContaining([
        'bridge: command received',
        'gateway: Cloud call begun.',
        'gateway: Cloud call done.',
        'command: command ended',
      ]),
    );
    const done = lines.find(({ msg }) => msg === 'Cloud call done.');
    const told = { level: 'debug', durationMs: expect.any(Number), result: 'ok', answer: 'accepted', attempt: 1 };
    expect(done).toMatchObject(told);
    const [received] = lines;
    expect(received).toMatchObject({ msg: 'command received', car: 'c0', command: 'lock' });
  });
});
