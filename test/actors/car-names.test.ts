import { expect, it } from 'vitest';
import { Directory } from '../../src/actors/bridge/directory.ts';
import type { CarInfo } from '../../src/machines/domain/command.ts';
import { actorSystems, ready } from '../support/actor-system.ts';

const start = actorSystems();
const car: CarInfo = {
  id: 'c1',
  vin: 'VIN1',
  name: 'Blue',
  model: 'EV6',
  year: null,
  engine: 'ev',
  generation: 'classic',
};

it('a name that is configured for no car of ours is told once, when all cars are known', async () => {
  const carNames = new Map([
    ['c1', 'ev6'],
    ['c9', 'ioniq'],
  ]);
  const { bus, lines, system } = start(['c1'], {}, {}, { carNames });
  await ready(bus, 'ev6');
  const told = lines.filter(({ level }) => level === 'warn');
  expect(told).toMatchObject([{ message: expect.stringContaining('no car'), fields: { names: ['ioniq'] } }]);
  await system.stop();
});

it('a car has its name by its id or by its VIN', () => {
  for (const key of ['c1', 'VIN1']) {
    const directory = new Directory(new Map([[key, 'ev6']]));
    expect(directory.learn('main', [car]).listed).toMatchObject([{ topicName: 'ev6' }]);
    expect(directory.takeUnmatched()).toEqual([]);
  }
});

it('what no car is called is told once', () => {
  const directory = new Directory(new Map([['c9', 'ioniq']]));
  directory.learn('main', [car]);
  expect(directory.takeUnmatched()).toEqual(['ioniq']);
  expect(directory.takeUnmatched()).toEqual([]);
});
