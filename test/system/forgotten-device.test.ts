import { describe, expect } from 'vitest';
import { hosted as it } from './stage.ts';

describe.concurrent('a cloud that has forgotten our device', () => {
  it('is told of it once for all cars, and every command is repeated once and succeeds', async ({ aStage }) => {
    const stage = await aStage({ cars: 4 });
    const since = stage.mark;
    expect(stage.cloud.cloud.invalidateDevices()).toBe(1);
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock')));
    expect(results.map(({ status }) => status)).toEqual(stage.cars.map(() => 'succeeded'));
    expect(Math.max(...results.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
    expect(stage.calls('device.register', since)).toHaveLength(1);
    expect(stage.cars.map((car) => stage.cloud.car(car).deliveryCount)).toEqual([1, 1, 1, 1]);
    expect(stage.refreshes(since)).toEqual([]);
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
  });

  it('as soon as it took the command: the device is registered for the confirmation, and the car decides', async ({
    aStage,
  }) => {
    const stage = await aStage();
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'deviceIdInvalid', afterEffect: true, match: { kind: 'control.door' }, times: 1 });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.calls('device.register', since)).toHaveLength(1);
    expect(stage.cloud.car(stage.car).deliveryCount).toBe(1);
  });
});
