import { expect, it } from 'vitest';
import { Publisher } from '../../src/actors/bridge/publisher.ts';
import { createTopics } from '../../src/actors/contract/topics.ts';
import type { AccountStatus } from '../../src/machines/domain/events.ts';
import { FakeBus } from '../support/fake-bus.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { clock } from '../support/quiet.ts';
import { carNamed } from '../support/vehicle-states.ts';

const STATUS: AccountStatus = {
  token: { state: 'valid', generation: 1 },
  breaker: { state: 'closed' },
  cars: 2,
  reason: null,
  message: null,
  retryAt: null,
};
const CARS = ['c1', 'c2'].map((id) => ({ car: carNamed(id), account: 'main', topicName: id }));

it('the next poll of an account is the first of those cars that are polled: one that is down does not count', () => {
  const bus = new FakeBus();
  const publisher = new Publisher(bus, clock, {
    topics: createTopics('hyundai'),
    location: 'live',
    retained: new Set(),
    simulated: false,
    version: '0.0.0',
    cloudUrl: null,
    budgetOf: () => new FakeCloud([]).budget(),
    clockAheadMs: () => 0,
  });
  const nextPollAt = () => {
    publisher.account('main', STATUS, CARS);
    return JSON.parse(bus.published.findLast(({ topic }) => topic === 'hyundai/bridge/account/main')?.payload ?? '{}')
      .next_poll_at;
  };
  publisher.pollPlanned('main', 'c1', 1_000);
  publisher.pollPlanned('main', 'c2', 2_000);
  expect(nextPollAt()).toBe('1970-01-01T00:00:01.000Z');
  publisher.pollsForgotten('other', null);
  publisher.pollsForgotten('main', 'c1');
  expect(nextPollAt()).toBe('1970-01-01T00:00:02.000Z');
  publisher.pollsForgotten('main', null);
  expect(nextPollAt()).toBeNull();
});
