import { describe, expect, it } from 'vitest';
import { carNameOf, createTopics, isCarName, parseTopic } from '../../../src/actors/contract/topics.ts';

describe('the topics', () => {
  it('lie below the base, which may have several levels', () => {
    const topics = createTopics('home/cars');
    expect(topics.subscriptions).toEqual(['home/cars/+/commands/+', 'home/cars/bridge/request/+']);
    expect(topics.reading('kona', 'battery/level')).toBe('home/cars/kona/battery/level');
    expect(topics.state('kona')).toBe('home/cars/kona/state');
    expect(topics.lastCommand('kona')).toBe('home/cars/kona/command');
    expect(topics.result('kona', 'lock')).toBe('home/cars/kona/commands/lock/result');
    expect(topics.bridgeState).toBe('home/cars/bridge/state');
    expect(topics.bridgeInfo).toBe('home/cars/bridge/info');
    expect(topics.bridgeHealth).toBe('home/cars/bridge/health');
    expect(topics.bridgeAccount('main')).toBe('home/cars/bridge/account/main');
    expect(topics.bridgeResponse('health')).toBe('home/cars/bridge/response/health');
  });

  it('never contain what a cloud or a person made up that is not fit for a topic', () => {
    const topics = createTopics('h');
    expect(topics.action('kona', 'ab-12', 'status')).toBe('h/kona/action/ab-12/status');
    for (const id of ['a/b', '#', '', 'a_b', 'x'.repeat(65)]) {
      expect(topics.action('kona', id, 'error')).toMatch(/^h\/kona\/action\/[0-9a-f]{16}\/error$/);
    }
    expect(topics.bridgeAccount('me@example.org')).toMatch(/^h\/bridge\/account\/[0-9a-f]{16}$/);
  });

  it.each([
    ['h/kona/commands/lock', { kind: 'command', car: 'kona', name: 'lock' }],
    ['h/bridge/request/health', { kind: 'request', verb: 'health' }],
    ['h/bridge/commands/lock', { kind: 'command', car: 'bridge', name: 'lock' }],
    ['h//commands/', { kind: 'command', car: '', name: '' }],
    ['h/kona/commands/lock/result', null],
    ['h/kona/commands', null],
    ['h/kona/request/health', null],
    ['other/kona/commands/lock', null],
    ['hh/kona/commands/lock', null],
    ['h', null],
  ])('understand %s', (topic, expected) => {
    expect(parseTopic('h', topic)).toEqual(expected);
  });

  it('name a car by its id, or by a hash where the id is not fit', () => {
    expect(carNameOf('1234-abcd_EF')).toBe('1234-abcd_EF');
    for (const id of ['bridge', 'a b', 'a/b', '+', '', 'é', 'x'.repeat(65)]) {
      expect(isCarName(id)).toBe(false);
      expect(carNameOf(id)).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(carNameOf('a/b')).not.toBe(carNameOf('a b'));
  });
});
