import { describe, expect, it } from 'vitest';
import { responseTopicRefusal } from '../../../src/actors/contract/response-topic.ts';

const RULES = {
  base: 'home/cars',
  discoveryPrefix: 'homeassistant',
  allowedPrefixes: ['answers/', 'home', 'homeassistant', '$x'],
};

describe('a response topic', () => {
  it.each(['answers', 'answers/me', 'answers/a/b', 'home/other', 'home/carsandmore', 'home'])('may be %s', (topic) => {
    expect(responseTopicRefusal(topic, RULES)).toBeNull();
  });

  it.each([
    ['', 'empty'],
    ['x'.repeat(2_000), 'too long'],
    ['answers/+', 'wildcard'],
    ['answers/#', 'wildcard'],
    ['answers/a\u0000b', 'control character'],
    ['home/cars', 'keeps for itself'],
    ['home/cars/kona/commands/unlock', 'keeps for itself'],
    ['homeassistant', 'keeps for itself'],
    ['homeassistant/device/x/config', 'keeps for itself'],
    ['$x/y', 'keeps for itself'],
    ['$SYS/broker', 'keeps for itself'],
    ['answersandmore', 'not under an allowed prefix'],
    ['elsewhere', 'not under an allowed prefix'],
  ])('may not be "%.20s": %s', (topic, why) => {
    expect(responseTopicRefusal(topic, RULES)).toContain(why);
  });

  it('is none by default, and an empty prefix allows nothing', () => {
    expect(responseTopicRefusal('answers/me', { ...RULES, allowedPrefixes: [] })).not.toBeNull();
    expect(responseTopicRefusal('answers/me', { ...RULES, allowedPrefixes: ['', '/'] })).not.toBeNull();
  });
});
