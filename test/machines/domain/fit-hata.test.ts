import { describe, expect, it } from 'vitest';
import type { CarInfo, ClimateStart, Control } from '../../../src/machines/domain/command.ts';
import { fitToCar } from '../../../src/machines/domain/fit.ts';
import { optionsOf } from '../../../src/machines/domain/options.ts';

type Car = Pick<CarInfo, 'generation' | 'engine' | 'setTempC' | 'plainClimate'>;
const EV: Car = { generation: 'hata', engine: 'ev', setTempC: { min: 17, max: 27.5 } };
const PETROL: Car = { ...EV, engine: 'combustion' };
const SEATS = { front_left: 6, front_right: null, rear_left: null, rear_right: 3 };
const CLIMATE: ClimateStart = {
  name: 'climate',
  action: 'start',
  setTempC: 21,
  durationMin: 15,
  defrost: true,
  steeringWheel: 1,
  rearWindow: true,
  sideMirrors: true,
  seats: SEATS,
};
const NO_SEATS = { front_left: null, front_right: null, rear_left: null, rear_right: null };

describe('a control for a car in the US', () => {
  it.each<[Control]>([
    [{ name: 'charge_port', action: 'open' }],
    [{ name: 'windows', positions: { front_left: 0, front_right: 0, rear_left: 0, rear_right: 0 } }],
    [{ name: 'valet', action: 'activate' }],
    [{ name: 'charging_current', level: 1 }],
    [{ name: 'navigation', destination: { lat: 1, lon: 1, name: '', address: '', zip: '', phone: '' } }],
  ])('that its cloud does not have is refused with a sentence: $name', (command) => {
    expect(fitToCar(command, EV)).toEqual({
      ok: false,
      reason: 'unsupported',
      message: 'The cloud of the US does not have this command.',
      hint: null,
    });
  });

  it.each<[Control]>([
    [{ name: 'lock', action: 'unlock' }],
    [{ name: 'charge', action: 'start' }],
    [{ name: 'charge_limits', acPct: 80, dcPct: null }],
    [{ name: 'hazard_lights' }],
    [{ name: 'horn' }],
    [{ name: 'climate', action: 'stop' }],
  ])('goes as it is: $name', (command) => {
    expect(fitToCar(command, EV)).toEqual({ ok: true, command, ignored: [] });
  });

  it('that charges is refused where there is no plug', () => {
    expect(fitToCar({ name: 'charge', action: 'start' }, PETROL)).toMatchObject({ ok: false, reason: 'unsupported' });
  });

  it('that heats keeps all but the mirrors', () => {
    for (const car of [EV, PETROL]) {
      const fitted = fitToCar(CLIMATE, car);
      expect(fitted).toEqual({ ok: true, command: { ...CLIMATE, sideMirrors: null }, ignored: ['side_mirrors'] });
    }
  });

  it('that heats an older electric car keeps neither its duration nor the seats, and says so', () => {
    const fitted = fitToCar(CLIMATE, { ...EV, plainClimate: true });
    expect(fitted).toEqual({
      ok: true,
      command: { ...CLIMATE, sideMirrors: null, seats: NO_SEATS },
      ignored: ['duration', 'side_mirrors', 'front_left_seat', 'rear_right_seat'],
    });
  });

  it('echoes the temperature that was asked for, in °C', () => {
    const fitted = fitToCar({ ...CLIMATE, setTempC: 22.5 }, EV);
    expect(fitted.ok && optionsOf(fitted.command)).toMatchObject({ set_temp: 22.5 });
  });

  it.each([
    [16.5, false],
    [17, true],
    [27.5, true],
    [28, false],
  ])('that heats to %d °C is allowed: %s', (setTempC, ok) => {
    expect(fitToCar({ ...CLIMATE, setTempC }, EV).ok).toBe(ok);
  });

  it('knows no levels of the heated steering wheel', () => {
    expect(fitToCar({ ...CLIMATE, steeringWheel: 2 }, EV)).toMatchObject({ ok: false, reason: 'invalidOption' });
  });
});
