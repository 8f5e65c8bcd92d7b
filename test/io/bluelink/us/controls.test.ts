import { describe, expect, it } from 'vitest';
import type { Charge, Control } from '../../../../src/machines/domain/command.ts';
import { climateStart } from '../../../support/climate.ts';
import { actionOf, failureOf, usWorlds } from './support.ts';

const world = usWorlds();

const CLIMATE = climateStart({ durationMin: 12, defrost: true, steeringWheel: 1 });
const LOCK: Control = { name: 'lock', action: 'lock' };
const UNLOCK: Control = { name: 'lock', action: 'unlock' };
const charge = (action: Charge['action']): Control => ({ name: 'charge', action });

describe('a control in the US', () => {
  it.each<[string, string, Control, string]>([
    ['locks', 'gen3', LOCK, 'door:close'],
    ['unlocks', 'gen3', UNLOCK, 'door:open'],
    ['heats', 'gen3', CLIMATE, 'climate:start 21.1'],
    ['heats an older electric car', 'gen2', CLIMATE, 'climate:start 21.1'],
    ['heats a car with an engine', 'petrol', CLIMATE, 'climate:start 21.1'],
    ['stops heating', 'gen3', { name: 'climate', action: 'stop' }, 'climate:stop'],
    ['stops heating a car with an engine', 'petrol', { name: 'climate', action: 'stop' }, 'climate:stop'],
    ['charges', 'gen3', charge('start'), 'charge:start'],
    ['stops charging', 'gen3', charge('stop'), 'charge:stop'],
    ['sets both charge limits', 'gen3', { name: 'charge_limits', acPct: 70, dcPct: 60 }, 'limits:ac=70 dc=60'],
    [
      'keeps the limit that nobody named',
      'gen3',
      { name: 'charge_limits', acPct: 70, dcPct: null },
      'limits:ac=70 dc=90',
    ],
    ['flashes', 'gen3', { name: 'hazard_lights' }, 'hazardLights'],
    ['sounds the horn', 'gen3', { name: 'horn' }, 'horn'],
  ])('%s, and its record tells that the car did it', async (_, car, command, effect) => {
    const { control, word, simulator } = await world();
    const actionId = actionOf(await control(car, command));
    expect(await word(car, actionId)).toBe('success');
    expect(simulator.car(car).deliveries).toEqual([{ at: expect.any(Number), order: effect, actionId }]);
    expect(simulator.log.filter(({ kind }) => kind.startsWith('control')).map(({ status }) => status)).toEqual([200]);
  });

  it('carries seats, heating and duration to the car', async () => {
    const { control, simulator, word } = await world();
    const seats = { front_left: 6, front_right: 3, rear_left: null, rear_right: 7 };
    await word('gen3', actionOf(await control('gen3', { ...CLIMATE, rearWindow: true, seats })));
    const { climateEndsAt, ...state } = simulator.car('gen3').actual;
    expect(state).toMatchObject({
      climateOn: true,
      defrost: true,
      steeringWheelHeat: true,
      rearWindowHeat: true,
      seats: { frontLeft: 6, frontRight: 3, backLeft: 0, backRight: 7 },
    });
    expect(Math.round(((climateEndsAt ?? 0) - Date.now()) / 60_000)).toBe(12);
  });

  it.each([
    [17, 17.2, '63 °F'],
    [20, 20, '68 °F'],
    [22.5, 22.8, '73 °F'],
    [27.5, 27.8, '82 °F'],
  ])('sends the whole °F nearest to %d °C', async (setTempC, shown) => {
    const { control, state, word } = await world();
    await word('gen3', actionOf(await control('gen3', { ...CLIMATE, setTempC })));
    expect(await state('gen3')).toMatchObject({ climate_on: true, set_temp_c: shown });
  });

  it('that the car refuses is told by its record', async () => {
    const { control, word, simulator } = await world();
    simulator.car('gen3').change({ plug: 'none' });
    expect(await word('gen3', actionOf(await control('gen3', charge('start'))))).toBe('fail');
  });

  it('without a word from the car stays pending', async () => {
    const { control, call, simulator } = await world();
    simulator.faults.add({ type: 'carIgnores' });
    const actionId = actionOf(await control('gen3', LOCK)) ?? '';
    expect(await call({ type: 'record', car: 'gen3', actionId })).toMatchObject({
      ok: true,
      value: { type: 'record', word: 'pending' },
    });
  });

  it('that this cloud does not have is not sent', async () => {
    const { control, simulator } = await world();
    const outcome = await control('gen3', { name: 'charge_port', action: 'open' });
    expect(failureOf(outcome)).toMatchObject({ kind: 'unsupported', reached: 'no' });
    expect(simulator.car('gen3').deliveryCount).toBe(0);
  });

  it('is refused with a sentence when the other charge limit is not known', async () => {
    const { control, simulator } = await world();
    simulator.car('gen3').rawStatus = { engine: false };
    const failure = failureOf(await control('gen3', { name: 'charge_limits', acPct: 70, dcPct: null }));
    expect(failure).toMatchObject({ kind: 'invalidResponse', message: expect.stringMatching(/send both/) });
    expect(simulator.car('gen3').deliveryCount).toBe(0);
  });

  it('repeats a call with the same body', async () => {
    const { control, word, simulator } = await world();
    await word('petrol', actionOf(await control('petrol', CLIMATE)));
    await control('petrol', CLIMATE);
    const bodies = simulator.log.filter(({ kind }) => kind === 'control.climate').map(({ bodySha256 }) => bodySha256);
    expect(bodies).toHaveLength(2);
    expect(new Set(bodies).size).toBe(1);
  });
});
