import { describe, expect, it, vi } from 'vitest';
import { journeyOf } from '../../../src/io/inspector/journey.ts';
import { createSecrets } from '../../../src/io/log/secrets.ts';
import { final, ready } from '../../support/actor-system.ts';
import { observedSystems } from './observed.ts';

const observed = observedSystems();
const CARS = ['c1', 'c2', 'c3'];

/** Three cars, each with commands before, in and after an expiry, some of which join others. */
async function busy(options: Parameters<typeof observed>[1] = {}) {
  const parts = await observed(CARS, options);
  const { bus, cloud } = parts;
  await Promise.all(CARS.map((car) => ready(bus, car)));
  const ids: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    if (round % 2 === 1) cloud.revoke();
    const sent = CARS.flatMap((car) => [1, 2, 3].map((n) => ({ car, id: `${car} ${round} ${n}` })));
    for (const { car, id } of sent) bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id });
    const ends = await Promise.all(sent.map(({ car, id }) => final(bus, car, id)));
    expect(ends.some(({ joined }) => joined !== undefined)).toBe(true);
    ids.push(...sent.map(({ id }) => id));
  }
  return { ...parts, ids };
}

describe('the journey that is asked for', () => {
  it('is the same that is found in everything there is, for every command', async () => {
    const { inspector, json, ids } = await busy();
    const { feed } = inspector.inspection;
    const all = feed.newest(10_000).map((kept) => feed.entryOf(kept));
    for (const id of ids) {
      expect(await json(`/api/journey/${encodeURIComponent(id)}`)).toEqual(journeyOf(all, id));
    }
    expect(ids).toHaveLength(36);
  });

  it('costs as much as it is long, however much there is besides', async () => {
    const { inspector, json, url, ids } = await busy();
    const { feed } = inspector.inspection;
    const entryOf = vi.spyOn(feed, 'entryOf');
    const rows = (await json(`/api/journey/${encodeURIComponent(String(ids[16]))}`)) as readonly unknown[];
    expect(rows.length).toBeGreaterThan(20);
    expect(entryOf.mock.calls.length).toBeLessThan(rows.length * 8);
    expect(entryOf.mock.calls.length).toBeLessThan((feed.last - feed.first) / 3);
    entryOf.mockClear();
    expect((await fetch(`${url}/api/journey/nobody`)).status).toBe(404);
    expect(entryOf).not.toHaveBeenCalled();
  });

  it('names the car also when its start is long gone', async () => {
    const { json, inspector, ids } = await busy({ limits: { count: 400, bytes: 1e9 } });
    expect(inspector.inspection.feed.first).toBeGreaterThan(100);
    const rows = (await json(`/api/journey/${encodeURIComponent('c1 3 1')}`)) as readonly { readonly to: string }[];
    expect(ids).toContain('c1 3 1');
    expect(rows.map(({ to }) => to)).toContain('vehicle ev6');
  });

  it('is found by what is left of an id that held a secret', async () => {
    const secrets = createSecrets({ showPrivate: false });
    const { bus, json } = await observed(['c1'], { secrets });
    await ready(bus, 'c1');
    secrets.register('PLANTEDVIN0007741', 'person');
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'my PLANTEDVIN0007741' });
    await final(bus, 'c1', 'my PLANTEDVIN0007741');
    const rows = (await json(`/api/journey/${encodeURIComponent('my [redacted]')}`)) as readonly unknown[];
    expect(rows.length).toBeGreaterThan(10);
    expect(JSON.stringify(rows)).not.toContain('PLANTEDVIN');
  });
});
