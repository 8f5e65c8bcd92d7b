import { describe, expect, it } from 'vitest';
import { Publisher, type PublisherOptions } from '../../src/actors/bridge/publisher.ts';
import { createTopics } from '../../src/actors/contract/topics.ts';
import type { OutboundMessage } from '../../src/actors/ports.ts';
import { busFixture } from '../io/mqtt/bus-fixture.ts';
import { actorSystems, final, ready } from '../support/actor-system.ts';
import { FakeBus } from '../support/fake-bus.ts';
import { FakeCloud, outage } from '../support/fake-cloud.ts';
import { clock } from '../support/quiet.ts';
import { carNamed, readingWith } from '../support/vehicle-states.ts';

/** What the broker has retained of one run of the daemon, and what the next one makes of it. */

const CAR = { car: carNamed('c1'), account: 'main', topicName: 'c1' };
const FULL = { locked: true, soc_pct: 70, trunk_open: false, location: { lat: 48, lon: 11, time_utc: null } } as const;

const publisherOn = (bus: FakeBus, location: PublisherOptions['location'] = 'live') =>
  new Publisher(bus, clock, {
    topics: createTopics('hyundai'),
    location,
    simulated: false,
    version: '0.0.0',
    cloudUrl: null,
    budgetOf: () => new FakeCloud([]).budget(),
    clockAheadMs: () => 0,
  });
/** What somebody finds who comes to the broker after all of these messages. */
function retained(messages: readonly OutboundMessage[]): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const { topic, payload, retain } of messages) {
    if (!retain) continue;
    kept.delete(topic);
    if (payload !== '') kept.set(topic, payload);
  }
  return kept;
}

describe('what an earlier run has published', () => {
  it('is gone at the first reading of the next one that does not say it, and whoever listens hears that', () => {
    const bus = new FakeBus();
    publisherOn(bus).reading(CAR, readingWith(FULL), 'cached');
    expect(retained(bus.published).get('hyundai/c1/status/doors/locked')).toContain('"value":true');

    const next = publisherOn(bus);
    const begun = bus.published.length;
    next.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    const kept = retained(bus.published);
    expect([...kept.keys()].toSorted()).toEqual([
      'hyundai/c1/battery/level',
      'hyundai/c1/state',
      'hyundai/c1/status/data_source',
      'hyundai/c1/status/last_updated',
      'hyundai/c1/status/update_method',
    ]);
    expect(kept.get('hyundai/c1/battery/level')).toContain('"value":69');
    const heard = bus.published.slice(begun).filter(({ topic }) => topic === 'hyundai/c1/status/doors/locked');
    expect(heard.map(({ payload, retain }) => [payload === '' ? '' : JSON.parse(payload).value, retain])).toEqual([
      [null, false],
      ['', true],
    ]);
  });

  it('is cleared once, not at every reading', () => {
    const bus = new FakeBus();
    const publisher = publisherOn(bus);
    publisher.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    const begun = bus.published.length;
    publisher.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    expect(bus.published.slice(begun).filter(({ payload }) => payload === '')).toEqual([]);
  });

  it.each(['live', 'off'] as const)('of the position is gone when that is to be published "%s" now', (location) => {
    const bus = new FakeBus();
    publisherOn(bus, 'retained').reading(CAR, readingWith(FULL), 'cached');
    const begun = bus.published.length;
    publisherOn(bus, location).reading(CAR, readingWith(FULL), 'cached');
    expect([...retained(bus.published).keys()].filter((topic) => topic.includes('location'))).toEqual([]);
    const told = bus.published.slice(begun).filter(({ topic }) => topic === 'hyundai/c1/status/location/latitude');
    expect(told.map(({ payload }) => payload === '')).toEqual(location === 'live' ? [true, false] : [true]);
  });
});

describe('with actors', () => {
  const start = actorSystems();
  const { aBroker, aBus, aPeer } = busFixture();

  it('an error of an earlier run is over at the first success', async () => {
    const first = start(['c1']);
    await ready(first.bus, 'c1');
    first.cloud.instead = (call) => (call.type === 'control' ? outage : undefined);
    first.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'fails' });
    await final(first.bus, 'c1', 'fails');
    await first.system.stop();
    const next = start(['c1']);
    await ready(next.bus, 'c1');
    const error = () =>
      retained([...first.bus.published, ...next.bus.published]).get('hyundai/c1/status/error') ?? '{}';
    expect(JSON.parse(error())).toMatchObject({ value: { error_type: 'cloudUnavailable' } });
    next.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'works' });
    await final(next.bus, 'c1', 'works');
    expect(JSON.parse(error())).toMatchObject({ value: null });
    next.bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'again' });
    await final(next.bus, 'c1', 'again');
    expect(next.bus.on('hyundai/c1/status/error')).toHaveLength(1);
  });

  it('a real broker has nothing left of a lock that the next run does not see', async () => {
    const broker = await aBroker('aedes');
    const witness = await aPeer(broker);
    await witness.subscribe('hyundai/c1/state');
    const live = async (locked: boolean | null) => {
      const cloud = new FakeCloud(['c1']);
      if (locked !== null) cloud.locked.set('c1', locked);
      const before = witness.received.all.length;
      const measured = { cloud: () => cloud, bus: () => aBus(broker.port) };
      const { system } = start(['c1'], {}, {}, { cloud, measured });
      await witness.received.next('the state', () => true, before);
      await system.stop();
    };
    const found = async () => {
      const [peer, topic] = [await aPeer(broker), 'hyundai/c1/status/doors/locked'];
      await peer.subscribe(topic);
      await peer.publish(topic, 'nothing');
      return String((await peer.received.next('what is there', () => true)).payload);
    };
    await live(true);
    expect(await found()).toContain('"value":true');
    await live(null);
    expect(await found()).toBe('nothing');
  });
});
