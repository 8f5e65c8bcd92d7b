import { expect, it } from 'vitest';
import { type Result, simCar, wholeSystems } from '../support/whole-system.ts';

const start = wholeSystems();

it("the server's word that no call remains stops commands, too, before it has to refuse one, until its reset", async () => {
  const whole = await start({ cars: [simCar('car', 0)], cloud: { limits: { callsPerDay: 12 } } });
  const ends: Result[] = [];
  for (let n = 0; n < 12 && ends.at(-1)?.status !== 'failed'; n += 1) {
    ends.push(await whole.command('car', 'refresh', { action: 'cached' }));
  }
  const last = ends.at(-1);
  expect(last).toMatchObject({ status: 'failed', reason: 'rateLimited' });
  expect(Date.parse(last?.retry_at ?? '')).toBeGreaterThan(Date.now());
  const mark = whole.mark;
  const lock = await whole.command('car', 'lock', { action: 'unlock' });
  expect(lock).toMatchObject({ status: 'failed', reason: 'rateLimited', retry_at: expect.any(String) });
  expect(whole.mark).toBe(mark);
  expect(whole.cloud.log.filter(({ status }) => status === 509)).toEqual([]);
});
