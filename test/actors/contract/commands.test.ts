import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/actors/contract/commands/table.ts';
import { fitCommand } from '../../../src/actors/contract/fit-command.ts';
import { type ParsedCommand, parseCommand } from '../../../src/actors/contract/parse-command.ts';
import type { CarInfo } from '../../../src/machines/domain/command.ts';
import { carNamed } from '../../support/vehicle-states.ts';

const NOW = Date.parse('2026-11-07T10:30:00Z');
const parse = (name: string, payload: string | object): ParsedCommand =>
  parseCommand(name, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), NOW);
const command = (name: string, payload: string | object) => {
  const parsed = parse(name, payload);
  return parsed.ok ? parsed.command : `${parsed.reason}: ${parsed.message}`;
};

const NO_SEATS = { front_left: null, front_right: null, rear_left: null, rear_right: null };
const START = {
  name: 'climate',
  action: 'start',
  setTempC: 21,
  durationMin: 10,
  defrost: false,
  steeringWheel: null,
  rearWindow: null,
  sideMirrors: null,
  seats: NO_SEATS,
};
const STOP = { name: 'climate', action: 'stop' };
const start = (options: object) => ({ action: 'start_climate', ...options });

describe('a command as a word', () => {
  it.each([
    ['climate', ['start', 'ON', 'true'], START],
    ['climate', ['stop', 'Off', 'false'], STOP],
    ['charge', ['start', 'on', 'TRUE'], { name: 'charge', action: 'start' }],
    ['charge', ['stop', 'off', 'false'], { name: 'charge', action: 'stop' }],
    ['charge_port', ['open'], { name: 'charge_port', action: 'open' }],
    ['charge_port', ['Close'], { name: 'charge_port', action: 'close' }],
    ['hazard_lights', ['on', 'ON'], { name: 'hazard_lights' }],
    ['horn', ['on'], { name: 'horn' }],
    ['valet', ['activate', 'on'], { name: 'valet', action: 'activate' }],
    ['valet', ['deactivate', 'off'], { name: 'valet', action: 'deactivate' }],
  ])('on %s as %j', (name, words, expected) => {
    for (const word of words) expect(command(name, word)).toEqual(expected);
  });

  it.each([
    ['climate', ['start_climate', '21', 'heat', 'toString']],
    ['charge', ['open', '1']],
    ['charge_port', ['on', 'true', 'stop']],
    ['hazard_lights', ['off', 'true', 'activate']],
    ['horn', ['off', 'honk']],
    ['valet', ['true', 'start']],
    ['windows', ['open', 'close', '0']],
    ['charge_limits', ['80']],
    ['charging_current', ['1']],
    ['navigation', ['home']],
  ])('on %s is malformed as %j', (name, words) => {
    for (const word of words) expect(parse(name, word)).toMatchObject({ ok: false, reason: 'malformed' });
  });
});

describe('a command as JSON', () => {
  it.each([
    ['climate', { action: 'start_climate' }, START],
    ['climate', { action: 'START' }, START],
    ['climate', { action: 'on' }, START],
    ['climate', { action: 'stop_climate' }, STOP],
    ['climate', start({ set_temp: 14, duration: 1 }), { ...START, setTempC: 14, durationMin: 1 }],
    ['climate', start({ set_temp: 29.5, duration: 30 }), { ...START, setTempC: 29.5, durationMin: 30 }],
    ['climate', start({ set_temp: 20.5, defrost: true, climate: true }), { ...START, setTempC: 20.5, defrost: true }],
    ['climate', start({ steering_wheel: 0 }), { ...START, steeringWheel: 0 }],
    ['climate', start({ steering_wheel: 2 }), { ...START, steeringWheel: 2 }],
    ['climate', start({ steering_wheel: true }), { ...START, steeringWheel: 1 }],
    ['climate', start({ rear_window: 1, side_mirrors: false }), { ...START, rearWindow: true, sideMirrors: false }],
    ['climate', start({ heating: 0 }), { ...START, steeringWheel: 0, rearWindow: false }],
    ['climate', start({ heating: 1 }), { ...START, steeringWheel: 1, rearWindow: true }],
    ['climate', start({ heating: 2 }), { ...START, steeringWheel: 0, rearWindow: true }],
    ['climate', start({ heating: 3 }), { ...START, steeringWheel: 1, rearWindow: false }],
    ['climate', start({ heating: 4, steering_wheel: 2 }), { ...START, steeringWheel: 2, rearWindow: true }],
    [
      'climate',
      start({ front_left_seat: 6, front_right_seat: 0, rear_left_seat: 3, rear_right_seat: 8 }),
      { ...START, seats: { front_left: 6, front_right: 0, rear_left: 3, rear_right: 8 } },
    ],
    [
      'windows',
      { front_left: 0, front_right: 1, back_left: 2, back_right: 0 },
      { name: 'windows', positions: { front_left: 0, front_right: 1, rear_left: 2, rear_right: 0 } },
    ],
    ['windows', { back_left: 1 }, { name: 'windows', positions: { ...NO_SEATS, rear_left: 1 } }],
    ['charge_port', { action: 'Open' }, { name: 'charge_port', action: 'open' }],
    ['charge', { action: 'start' }, { name: 'charge', action: 'start' }],
    ['charge', { action: 'stop' }, { name: 'charge', action: 'stop' }],
    ['charge_limits', { ac: 80, dc: 90 }, { name: 'charge_limits', acPct: 80, dcPct: 90 }],
    ['charge_limits', { ac: 50 }, { name: 'charge_limits', acPct: 50, dcPct: null }],
    ['charge_limits', { dc: 100 }, { name: 'charge_limits', acPct: null, dcPct: 100 }],
    ['charging_current', { level: 3 }, { name: 'charging_current', level: 3 }],
    ['hazard_lights', { action: 'on' }, { name: 'hazard_lights' }],
    ['horn', { action: 'on' }, { name: 'horn' }],
    ['valet', { action: 'activate' }, { name: 'valet', action: 'activate' }],
    [
      'navigation',
      { lat: -33.9, lon: 151.2, name: 'Café', zip: '2000' },
      {
        name: 'navigation',
        destination: { lat: -33.9, lon: 151.2, name: 'Café', address: '', zip: '2000', phone: '' },
      },
    ],
    [
      'navigation',
      { lat: 0, lon: 0 },
      {
        name: 'navigation',
        destination: { lat: 0, lon: 0, name: 'Destination', address: '', zip: '', phone: '' },
      },
    ],
  ])('on %s: %j', (name, payload, expected) => {
    expect(command(name, payload)).toEqual(expected);
  });

  it.each([
    ['climate', {}],
    ['climate', { set_temp: 21 }],
    ['windows', {}],
    ['windows', { window: 1 }],
    ['charge_port', {}],
    ['charge', { level: 1 }],
    ['charge_limits', {}],
    ['charge_limits', { AC: 80 }],
    ['charging_current', {}],
    ['hazard_lights', {}],
    ['horn', {}],
    ['valet', {}],
    ['navigation', { lat: 1 }],
    ['navigation', { lon: 1 }],
  ])('on %s is malformed without what it needs: %j', (name, payload) => {
    const parsed = parse(name, payload);
    expect(parsed).toMatchObject({ ok: false, reason: 'malformed' });
    expect(parsed.ok ? null : parsed.hint).toMatch(/^Send /);
  });

  it.each([
    ['climate', { action: 'heat' }],
    ['climate', { action: true }],
    ...[13.5, 30, 20.25, 21.1, '21', null, true, [21], -0.5, 1e300].map((set_temp) => ['climate', start({ set_temp })]),
    ...[0, 31, 1.5, '10', null, true].map((duration) => ['climate', start({ duration })]),
    ...[1, 'true', null].map((defrost) => ['climate', start({ defrost })]),
    ...[false, 1, null].map((climate) => ['climate', start({ climate })]),
    ...[3, -1, '1', null, 0.5].map((steering_wheel) => ['climate', start({ steering_wheel })]),
    ...[2, 'on', null].map((rear_window) => ['climate', start({ rear_window })]),
    ...[2, 'on', null].map((side_mirrors) => ['climate', start({ side_mirrors })]),
    ...[5, -1, 0.5, true, '1', null].map((heating) => ['climate', start({ heating })]),
    ['climate', start({ heating: 1, steering_wheel: 0 })],
    ['climate', start({ heating: 3, rear_window: true })],
    ...[9, -1, 2.5, '6', null, true].map((front_left_seat) => ['climate', start({ front_left_seat })]),
    ['climate', start({ rear_right_seat: 9 })],
    ...[3, -1, 0.5, '1', null, true].map((back_right) => ['windows', { front_left: 0, back_right }]),
    ['charge_port', { action: 'on' }],
    ['charge', { action: 'resume' }],
    ...[40, 110, 85, 80.5, '80', null, true].map((ac) => ['charge_limits', { ac, dc: 80 }]),
    ['charge_limits', { ac: 80, dc: 45 }],
    ...[0, 4, 1.5, '1', null, true].map((level) => ['charging_current', { level }]),
    ['hazard_lights', { action: 'off' }],
    ['horn', { action: 'off' }],
    ['valet', { action: 'park' }],
    ['navigation', { lat: 91, lon: 0 }],
    ['navigation', { lat: 0, lon: -181 }],
    ['navigation', { lat: '1', lon: 0 }],
    ['navigation', { lat: 1, lon: null }],
    ['navigation', { lat: 1, lon: 1, name: 'x'.repeat(129) }],
    ['navigation', { lat: 1, lon: 1, name: 'a\nb' }],
    ['navigation', { lat: 1, lon: 1, phone: 112 }],
  ] as [string, object][])('on %s is refused for a value that is not allowed: %j', (name, payload) => {
    const parsed = parse(name, payload);
    expect(parsed).toMatchObject({ ok: false, reason: 'invalidOption' });
    expect(parsed.ok ? '' : parsed.message).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [
      { set_temp: 72 },
      'is not a number from 14 to 29.5 (°C) in steps of 0.5',
      'It is in °C. For 72 °F send 22, without quotes.',
    ],
    [
      { set_temp: '72F' },
      'is not a number from 14 to 29.5 (°C) in steps of 0.5',
      'It is in °C. For 72 °F send 22, without quotes.',
    ],
    [{ set_temp: 86 }, 'is not a number from 14 to 29.5 (°C) in steps of 0.5', null],
    [{ set_temp: 21.3 }, 'is not a number from 14 to 29.5 (°C) in steps of 0.5', null],
    [{ set_temp: '21' }, 'is text', 'Send it without quotes: "set_temp": 21.'],
    [{ duration: '10' }, 'is text', 'Send it without quotes: "duration": 10.'],
    [{ duration: '45' }, 'is not a whole number of minutes, 1 to 30', null],
    [{ duration: ' ' }, 'is not a whole number of minutes, 1 to 30', null],
    [{ defrost: 'true' }, 'is text', 'Send it without quotes: "defrost": true.'],
    [{ front_left_seat: '0' }, 'is text', 'Send it without quotes: "front_left_seat": 0.'],
  ])('says of %j in a climate what is wrong with it, and what to send instead', (options, message, hint) => {
    const [key] = Object.keys(options);
    expect(parse('climate', start(options))).toMatchObject({ message: `The "${key}" ${message}.`, hint });
  });

  it.each([
    ['charge_limits', { ac: '80' }, 'The "ac" is text.', 'Send it without quotes: "ac": 80.'],
    ['charging_current', { level: '2' }, 'The "level" is text.', 'Send it without quotes: "level": 2.'],
    ['charging_current', { level: '4' }, 'The "level" is not 1, 2 or 3.', COMMANDS.charging_current.hint],
    ['navigation', { lat: '1', lon: 1 }, 'The "lat" is text.', 'Send it without quotes: "lat": 1.'],
    [
      'navigation',
      { lat: 1, lon: 1, zip: 10117 },
      'The "zip" is a number, and must be text.',
      'Send it in quotes: "zip": "10117".',
    ],
  ])('on %s says of %j that quotes are missing, or too many', (name, payload, message, hint) => {
    expect(parse(name, payload)).toMatchObject({ reason: 'invalidOption', message, hint });
  });

  it('quotes the words that may be said, for "on" reads as part of a sentence', () => {
    const hint = 'Send on, or {"action": "on"}.';
    expect(parse('horn', 'off')).toMatchObject({ message: 'The message is not "on".', hint });
    expect(parse('horn', { action: 'off' })).toMatchObject({ message: 'The "action" is not "on".', hint });
  });

  it('names what it does not know, and what means nothing with what it asks', () => {
    expect(parse('climate', { action: 'stop_climate', set_temp: 21, fan: 3 })).toMatchObject({
      ok: true,
      ignored: ['set_temp', 'fan'],
    });
    expect(parse('windows', { front_left: 0, sunroof: 1 })).toMatchObject({ ok: true, ignored: ['sunroof'] });
    expect(parse('charge_limits', { ac: 80, v2l: 20 })).toMatchObject({ ok: true, ignored: ['v2l'] });
    expect(parse('climate', start({ defrost: true }))).toMatchObject({ ok: true, ignored: [] });
  });

  it('has a name of its own in the table for every command', () => {
    for (const [name, definition] of Object.entries(COMMANDS)) expect(definition.name).toBe(name);
  });
});

describe('a command that meets its car', () => {
  const classic: CarInfo = carNamed('c');
  const ccs2: CarInfo = { ...classic, generation: 'ccs2' };
  const fit = (name: string, payload: string | object, car: CarInfo) => fitCommand(parse(name, payload), car);

  it('loses what an older car cannot do, and says so', () => {
    const options = { front_left_seat: 6, rear_right_seat: 0, side_mirrors: 1, steering_wheel: 1, fan: 2 };
    expect(fit('climate', start(options), classic)).toMatchObject({
      ok: true,
      command: { ...START, steeringWheel: 1 },
      ignored: ['side_mirrors', 'front_left_seat', 'rear_right_seat', 'fan'],
    });
    expect(fit('climate', start(options), ccs2)).toMatchObject({
      ok: true,
      command: { seats: { front_left: 6, rear_right: 0 }, rearWindow: true, sideMirrors: true },
      ignored: ['fan'],
    });
  });

  it.each([
    ['climate', start({ steering_wheel: 2 }), classic, 'invalidOption'],
    ['climate', start({ rear_window: 1, side_mirrors: 0 }), ccs2, 'invalidOption'],
    ['charging_current', { level: 1 }, classic, 'unsupported'],
    ['charge', 'start', { ...ccs2, engine: 'combustion' }, 'unsupported'],
    ['charge_port', 'open', { ...classic, engine: 'hybrid' }, 'unsupported'],
    ['charge_limits', { ac: 80 }, { ...classic, engine: 'combustion' }, 'unsupported'],
    ['charging_current', { level: 1 }, { ...ccs2, engine: 'combustion' }, 'unsupported'],
  ] as const)('%s %j is refused by %j: %s', (name, payload, car, reason) => {
    expect(fit(name, { ...(typeof payload === 'string' ? { action: payload } : payload), id: 'x' }, car)).toMatchObject(
      {
        ok: false,
        reason,
        id: 'x',
      },
    );
  });

  it.each([
    ['climate', start({ steering_wheel: 2 }), ccs2],
    ['climate', start({ rear_window: 1, side_mirrors: 1 }), ccs2],
    ['charging_current', { level: 1 }, ccs2],
    ['charge', 'start', { ...classic, engine: 'phev' }],
    ['charge', 'start', { ...classic, engine: null }],
    ['lock', 'lock', { ...classic, engine: 'combustion' }],
    ['refresh', 'force', classic],
  ] as const)('%s %j fits %j', (name, payload, car) => {
    expect(fit(name, payload, car)).toMatchObject({ ok: true, ignored: [] });
  });
});
