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

const publisherOn = (
  bus: FakeBus,
  retained: PublisherOptions['retained'],
  location: PublisherOptions['location'] = 'live',
) =>
  new Publisher(bus, clock, {
    topics: createTopics('hyundai'),
    location,
    retained,
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
  it('is unknown from the first reading of the next one that does not say it', () => {
    const [bus, topics] = [new FakeBus(), new Set<string>()];
    publisherOn(bus, topics).reading(CAR, readingWith(FULL), 'cached');
    expect(retained(bus.published).get('hyundai/c1/status/doors/locked')).toContain('"value":true');

    publisherOn(bus, topics).reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    const kept = retained(bus.published);
    const values = [...kept].map(([topic, payload]) => [topic.replace('hyundai/c1/', ''), JSON.parse(payload).value]);
    expect(Object.fromEntries(values)).toMatchObject({
      'battery/level': 69,
      'status/doors/locked': null,
      'status/doors/trunk_open': null,
    });
  });

  it('is all that is called unknown: a broker that has nothing hears of nothing else', () => {
    const bus = new FakeBus();
    publisherOn(bus, new Set()).reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    const suffixes = bus.published.map(({ topic }) => topic.replace('hyundai/c1/', ''));
    expect(suffixes.toSorted()).toEqual([
      'battery/level',
      'state',
      'status/data_source',
      'status/last_updated',
      'status/update_method',
    ]);
  });

  it('is called unknown once, not at every reading, and not by the next run again', () => {
    const [bus, topics] = [new FakeBus(), new Set<string>()];
    publisherOn(bus, topics).reading(CAR, readingWith(FULL), 'cached');
    const publisher = publisherOn(bus, topics);
    publisher.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    const begun = bus.published.length;
    publisher.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    publisherOn(bus, topics).reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    expect(bus.published.slice(begun).filter(({ topic }) => topic.endsWith('/locked'))).toEqual([]);
  });

  it('stays when the car is asked itself, which tells less, until the cloud says what it knows', () => {
    const [bus, topics] = [new FakeBus(), new Set<string>()];
    publisherOn(bus, topics).reading(CAR, readingWith(FULL), 'cached');
    const next = publisherOn(bus, topics);
    const locked = () => JSON.parse(retained(bus.published).get('hyundai/c1/status/doors/locked') ?? '{}').value;
    next.reading(CAR, { ...readingWith({ soc_pct: 69 }), source: 'forced' }, 'force');
    expect(locked()).toBe(true);
    next.reading(CAR, readingWith({ soc_pct: 69 }), 'cached');
    expect(locked()).toBeNull();
  });

  it.each(['live', 'off'] as const)('of the position is gone when that is to be published "%s" now', (location) => {
    const [bus, topics] = [new FakeBus(), new Set<string>()];
    publisherOn(bus, topics, 'retained').reading(CAR, readingWith(FULL), 'cached');
    const begun = bus.published.length;
    publisherOn(bus, topics, location).reading(CAR, readingWith(FULL), 'cached');
    expect([...retained(bus.published).keys()].filter((topic) => topic.includes('location'))).toEqual([]);
    const told = bus.published.slice(begun).filter(({ topic }) => topic === 'hyundai/c1/status/location/latitude');
    expect(told.map(({ payload }) => payload === '')).toEqual(location === 'live' ? [true, false] : [true]);
  });
});

describe('with actors', () => {
  const start = actorSystems();
  const { aBroker, aBus, aPeer } = busFixture();

  it('an error of an earlier run is over at the first success', async () => {
    const topics = new Set<string>();
    const first = start(['c1'], {}, {}, { retained: topics });
    await ready(first.bus, 'c1');
    first.cloud.instead = (call) => (call.type === 'control' ? outage : undefined);
    first.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'fails' });
    await final(first.bus, 'c1', 'fails');
    await first.system.stop();
    const next = start(['c1'], {}, {}, { retained: topics });
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

  it('a real broker has no lock left that the next run does not see', async () => {
    const broker = await aBroker('aedes');
    const topics = new Set<string>();
    const witness = await aPeer(broker);
    await witness.subscribe('hyundai/c1/state');
    const live = async (locked: boolean | null) => {
      const cloud = new FakeCloud(['c1']);
      if (locked !== null) cloud.locked.set('c1', locked);
      const before = witness.received.all.length;
      const measured = { cloud: () => cloud, bus: () => aBus(broker.port) };
      const { system } = start(['c1'], {}, {}, { cloud, measured, retained: topics });
      await witness.received.next('the state', () => true, before);
      await system.stop();
    };
    const found = async () => {
      const peer = await aPeer(broker);
      await peer.subscribe('hyundai/c1/status/doors/locked');
      return JSON.parse(String((await peer.received.next('what is there', () => true)).payload)).value;
    };
    await live(true);
    expect(await found()).toBe(true);
    await live(null);
    expect(await found()).toBeNull();
  });
});
