import type { ClimateStart, ClimateStop } from '../../../machines/domain/command.ts';
import { type JsonObject, type Refusal, refusal } from '../payload.ts';
import { commandOf, fromAction, quotedList, type Words } from './action-command.ts';
import type { CommandDefinition, Parsed } from './definition.ts';
import { allOf, flag, oneOf, option, within, zeroOrOne } from './options.ts';

type Climate = ClimateStart | ClimateStop;

const HINT = 'Send start, stop, on or off, or {"action": "start_climate", "set_temp": 21, "duration": 10}.';
const SEATS = ['front_left_seat', 'front_right_seat', 'rear_left_seat', 'rear_right_seat'] as const;
const OPTIONS = [
  'set_temp',
  'duration',
  'defrost',
  'climate',
  'steering_wheel',
  'rear_window',
  'side_mirrors',
  'heating',
  ...SEATS,
] as const;

const USUAL: ClimateStart = {
  name: 'climate',
  action: 'start',
  setTempC: 21,
  durationMin: 10,
  defrost: false,
  steeringWheel: null,
  rearWindow: null,
  sideMirrors: null,
  seats: { front_left: null, front_right: null, rear_left: null, rear_right: null },
};
const STOP: ClimateStop = { name: 'climate', action: 'stop' };
const WORDS: Words<Climate> = { start: USUAL, stop: STOP, on: USUAL, off: STOP, true: USUAL, false: STOP };
const ACTIONS: Words<Climate> = {
  start_climate: USUAL,
  stop_climate: STOP,
  start: USUAL,
  stop: STOP,
  on: USUAL,
  off: STOP,
};

export const climate: CommandDefinition<Climate> = {
  name: 'climate',
  keys: ['action', ...OPTIONS],
  hint: HINT,
  fromWord: (word) =>
    commandOf(WORDS, word) ?? refusal('malformed', `The message is not ${quotedList(Object.keys(WORDS))}.`, HINT),
  fromObject: (object) => {
    const asked = fromAction(object, ACTIONS, HINT);
    if (!asked.ok) return asked;
    if (asked.command.action === 'start') return start(object);
    const ignored = OPTIONS.filter((key) => Object.hasOwn(object, key));
    return { ok: true, command: STOP, ignored };
  },
};

function start(object: JsonObject): Parsed<Climate> {
  const seat = (key: (typeof SEATS)[number]) =>
    option<number | null>(object, key, within(0, 8, 1), null, 'a whole number from 0 to 8');
  const read = allOf({
    setTempC: option(
      object,
      'set_temp',
      temperature,
      USUAL.setTempC,
      'a number from 14 to 29.5 (°C) in steps of 0.5',
      fromFahrenheit,
    ),
    durationMin: option(object, 'duration', within(1, 30, 1), USUAL.durationMin, 'a whole number of minutes, 1 to 30'),
    defrost: option(object, 'defrost', flag, USUAL.defrost, 'true or false'),
    climate: option(object, 'climate', flag, true, 'true or false'),
    steeringWheel: option<0 | 1 | 2 | null>(object, 'steering_wheel', steeringWheel, null, '0, 1 or 2'),
    rearWindow: option<boolean | null>(object, 'rear_window', zeroOrOne, null, '0 or 1'),
    sideMirrors: option<boolean | null>(object, 'side_mirrors', zeroOrOne, null, '0 or 1'),
    heating: option<Heating | null>(object, 'heating', heating, null, '0, 1, 2, 3 or 4'),
    front_left: seat('front_left_seat'),
    front_right: seat('front_right_seat'),
    rear_left: seat('rear_left_seat'),
    rear_right: seat('rear_right_seat'),
  });
  if (!read.ok) return read;
  const { values } = read;
  if (!values.climate) {
    const message = 'The cloud cannot heat seats or windows without the climate.';
    return refusal('invalidOption', message, 'Leave "climate" out, or send true.');
  }
  const heated = withHeating(values, values.heating);
  if ('ok' in heated) return heated;
  const { setTempC, durationMin, defrost, sideMirrors, front_left, front_right, rear_left, rear_right } = values;
  const seats = { front_left, front_right, rear_left, rear_right };
  return { ok: true, command: { ...USUAL, setTempC, durationMin, defrost, sideMirrors, ...heated, seats } };
}

const temperature = within(14, 29.5, 0.5);

/** What to send for a temperature in °F, as a number or text; null for what is none. */
function fromFahrenheit(value: unknown): string | null {
  const fahrenheit = Number.parseFloat(String(value));
  const celsius = temperature(Math.round((fahrenheit - 32) / 0.9) / 2);
  return celsius === undefined ? null : `It is in °C. For ${fahrenheit} °F send ${celsius}, without quotes.`;
}

function steeringWheel(value: unknown): 0 | 1 | 2 | undefined {
  return typeof value === 'boolean' ? (value ? 1 : 0) : oneOf(0, 1, 2)(value);
}

type Heated = Pick<ClimateStart, 'steeringWheel' | 'rearWindow'>;
interface Heating {
  readonly steeringWheel: 0 | 1;
  readonly rearWindow: boolean;
}
/** The older bridge's code: 1 and 4 steering wheel and rear window, 2 rear window, 3 steering wheel. */
const HEATING: readonly Heating[] = [
  { steeringWheel: 0, rearWindow: false },
  { steeringWheel: 1, rearWindow: true },
  { steeringWheel: 0, rearWindow: true },
  { steeringWheel: 1, rearWindow: false },
  { steeringWheel: 1, rearWindow: true },
];

function heating(value: unknown): Heating | undefined {
  const code = oneOf(0, 1, 2, 3, 4)(value);
  return code === undefined ? undefined : HEATING[code];
}

/** What "heating" says in one number may also be said switch by switch, but not otherwise. */
function withHeating({ steeringWheel: wheel, rearWindow }: Heated, code: Heating | null): Heated | Refusal {
  if (code === null) return { steeringWheel: wheel, rearWindow };
  const isOther =
    (wheel !== null && wheel > 0 !== code.steeringWheel > 0) || (rearWindow !== null && rearWindow !== code.rearWindow);
  if (isOther) {
    const message = 'The "heating" says something else than "steering_wheel" or "rear_window".';
    return refusal('invalidOption', message, 'Send "steering_wheel" and "rear_window", or "heating".');
  }
  return { steeringWheel: wheel ?? code.steeringWheel, rearWindow: code.rearWindow };
}
