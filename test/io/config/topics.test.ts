import { expect, it } from 'vitest';
import { topicProblem } from '../../../src/io/config/topics.ts';

it.each([
  ['hyundai', true],
  ['home/cars', true],
  ['', false],
  ['a/', false],
  ['/a', false],
  ['a//b', false],
  ['$SYS', false],
  ['a/+', false],
  ['a\nb', false],
  ['homeassistant/a', false],
  ['x'.repeat(129), false],
])('everything may live below "%s": %s', (topic, allowed) => {
  expect(topicProblem(topic) === null).toBe(allowed);
});
