import { describe, expect } from 'vitest';
import { carNamed, hosted as it } from './stage.ts';

describe('an account of Australia', () => {
  it('logs in, reads, locks, renews its session for a command, and starts again without a login', async ({
    aStage,
  }) => {
    const [classic, newer] = [carNamed('c0', 0), { ...carNamed('c1', 1), ccs2: 1 }];
    const parked = { latitude: -33.8568, longitude: 151.2153, odometerKm: 20_481.2, locked: false };
    const stage = await aStage({
      account: { brand: 'kia', region: 'AU', cars: [classic, newer].map((car) => ({ ...car, state: parked })) },
      environment: { HYUNDAI_REGION: 'AU', HYUNDAI_BRAND: 'kia', BLUELINKD_PUBLISH_LOCATION: 'retained' },
    });
    const { cloud, mqtt, cars } = stage;
    for (const car of cars) {
      const { json } = await mqtt.on(`${car}/state`, () => true, undefined, 0);
      expect(json).toMatchObject({
        locked: false,
        odometer_km: 20_481.2,
        set_temp_c: car === 'c0' ? 21 : null,
        location: { lat: -33.8568, lon: 151.2153 },
      });
      const { last_updated_utc: time } = json as { last_updated_utc: string };
      expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
      expect(await stage.lockAndSettle(car)).toMatchObject({ status: 'succeeded', attempts: 1 });
      expect(cloud.car(car).actual.locked).toBe(true);
    }

    const since = stage.mark;
    cloud.revokeTokens();
    expect(await mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(stage.refreshes(since)).toHaveLength(1);
    expect(cloud.car('c0').deliveryCount).toBe(2);
    const tooCold = await mqtt.command('c0', 'climate', { action: 'start', set_temp: 16 });
    expect(tooCold).toMatchObject({ status: 'rejected', reason: 'invalidOption' });
    const warm = await mqtt.command('c0', 'climate', { action: 'start', set_temp: 17.5 });
    expect(warm).toMatchObject({ status: 'succeeded' });
    expect(cloud.car('c0').actual).toMatchObject({ climateOn: true, targetTemperatureC: 17.5 });

    await stage.daemon.stop();
    const seen = mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, seen);
    expect(stage.calls('signin')).toHaveLength(1);
    expect(stage.calls('device.register')).toHaveLength(1);
  });
});
