import { describe, expect } from 'vitest';
import { hosted, it } from './stage.ts';

describe('many commands', () => {
  it('twenty of both kinds one after another, then thirty in a burst: all are answered', async ({ aStage }) => {
    const stage = await aStage({ cars: 2 });
    for (let n = 0; n < 20; n += 1) {
      const action = n % 2 === 0 ? 'unlock' : 'lock';
      expect(await stage.mqtt.lock('c0', action)).toMatchObject({ status: 'succeeded' });
      expect(stage.cloud.car('c0').actual.locked).toBe(action === 'lock');
    }
    const ids = await Promise.all(
      Array.from({ length: 30 }, (_, n) => stage.mqtt.send('c0', 'lock', { action: n % 2 === 0 ? 'unlock' : 'lock' })),
    );
    const ends = await Promise.all(ids.map((id) => stage.mqtt.result(id)));
    const words = ends.map(({ status, reason }) => reason ?? status);
    expect(words.filter((word) => word !== 'succeeded' && word !== 'superseded')).toEqual([]);
    // The last one counts.
    expect(ends.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(stage.cloud.car('c0').actual.locked).toBe(true);
    expect(ids.map((id) => stage.mqtt.results().filter((record) => record.id === id).length)).toEqual(ids.map(() => 2));
  });

  hosted('more than may wait for one car: every sender is told', async ({ aStage }) => {
    const stage = await aStage({ environment: { BLUELINKD_LIMITS_JOIN_LIMIT: '5' } });
    // The first one waits until everybody has come.
    const control = stage.hold('control');
    const ids = await Promise.all(
      Array.from({ length: 30 }, () => stage.mqtt.send(stage.car, 'lock', { action: 'unlock' })),
    );
    await Promise.all(ids.map((id) => stage.mqtt.answered(id)));
    control.letGo();
    const ends = await Promise.all(ids.map((id) => stage.mqtt.result(id)));
    const count = (wanted: string) => ends.filter(({ status, reason }) => (reason ?? status) === wanted).length;
    expect(count('succeeded') + count('queueFull')).toBe(30);
    expect(count('queueFull')).toBeGreaterThan(0);
    expect(stage.calls('control')).toHaveLength(2);
  });
});
