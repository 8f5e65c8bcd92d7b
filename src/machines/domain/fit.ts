import type { CarInfo, ClimateStart, Control, WindowPosition, Windows } from './command.ts';
import type { Corners, Reading } from './vehicle-state.ts';

/** What becomes of a control when it meets the car that it is for. */
export type Fitted =
  | {
      readonly ok: true;
      readonly command: Control;
      /** Options that the sender gave and this car cannot do, by their names on MQTT. */
      readonly ignored: readonly string[];
    }
  | {
      readonly ok: false;
      readonly reason: 'unsupported' | 'invalidOption';
      /** One sentence for a person. */
      readonly message: string;
      readonly hint: string | null;
    };

type Car = Pick<CarInfo, 'generation' | 'engine' | 'setTempC' | 'plainClimate'>;

/** What a car of this kind can do of a control. A value is sent as it was given or not at all, never another one. */
export function fitToCar(command: Control, car: Car): Fitted {
  if (car.generation === 'hata' && !KNOWN_TO_HATA.has(command.name)) {
    return unsupported('The cloud of the US does not have this command.');
  }
  switch (command.name) {
    case 'climate':
      if (command.action === 'stop') return asItIs(command);
      if (!isWithinReach(command.setTempC, car)) return outOfReach(car);
      return CLIMATES[car.generation](command, car);
    case 'charging_current':
      // The cloud accepts it for the older cars too, and nothing comes of it.
      if (car.generation === 'classic') return unsupported('This car does not let the charging current be set.');
      return hasPlug(car) ? asItIs(command) : unplugged();
    case 'charge':
    case 'charge_limits':
    case 'charge_port':
      return hasPlug(car) ? asItIs(command) : unplugged();
    default:
      return asItIs(command);
  }
}

const KNOWN_TO_HATA: ReadonlySet<Control['name']> = new Set([
  'lock',
  'climate',
  'charge',
  'charge_limits',
  'hazard_lights',
  'horn',
]);

function asItIs(command: Control): Fitted {
  return { ok: true, command, ignored: [] };
}

function unsupported(message: string): Fitted {
  return { ok: false, reason: 'unsupported', message, hint: null };
}

/** Where the list does not say what drives the car, the cloud decides. */
function hasPlug({ engine }: Car): boolean {
  return engine === 'ev' || engine === 'phev' || engine === null;
}

function unplugged(): Fitted {
  return unsupported('This car cannot be plugged in.');
}

function isWithinReach(setTempC: number, { setTempC: reach }: Car): boolean {
  return reach === undefined || (setTempC >= reach.min && setTempC <= reach.max);
}

function outOfReach({ setTempC: reach }: Car): Fitted {
  const message = `This car can be set to ${reach?.min} to ${reach?.max} °C.`;
  return { ok: false, reason: 'invalidOption', message, hint: 'Send a "set_temp" within that range.' };
}

const SEAT_OPTIONS = {
  front_left: 'front_left_seat',
  front_right: 'front_right_seat',
  rear_left: 'rear_left_seat',
  rear_right: 'rear_right_seat',
} as const;
const CORNERS = ['front_left', 'front_right', 'rear_left', 'rear_right'] as const;
const namesOfSeats = (command: ClimateStart) =>
  CORNERS.filter((corner) => command.seats[corner] !== null).map((corner) => SEAT_OPTIONS[corner]);
const NO_SEATS: ClimateStart['seats'] = { front_left: null, front_right: null, rear_left: null, rear_right: null };

/** Steering wheel and rear window on or off; neither mirrors nor seats. */
function climateOfClassic(command: ClimateStart): Fitted {
  if (command.steeringWheel === 2) return wheelHasNoLevels();
  const ignored = [...(command.sideMirrors === null ? [] : ['side_mirrors']), ...namesOfSeats(command)];
  return { ok: true, command: { ...command, sideMirrors: null, seats: NO_SEATS }, ignored };
}

function wheelHasNoLevels(): Fitted {
  const message = 'The heated steering wheel of this car can only be switched on and off.';
  return { ok: false, reason: 'invalidOption', message, hint: 'Send "steering_wheel": 1 or 0.' };
}

/** As the older cars, with seats; but some electric cars take neither these nor a duration: they decide themselves. */
function climateOfHata(command: ClimateStart, { plainClimate }: Car): Fitted {
  if (command.steeringWheel === 2) return wheelHasNoLevels();
  const mirrors = command.sideMirrors === null ? [] : ['side_mirrors'];
  if (plainClimate !== true) return { ok: true, command: { ...command, sideMirrors: null }, ignored: mirrors };
  const ignored = ['duration', ...mirrors, ...namesOfSeats(command)];
  return { ok: true, command: { ...command, sideMirrors: null, seats: NO_SEATS }, ignored };
}

/** Rear window and mirrors have one switch. */
function climateOfCcs2(command: ClimateStart): Fitted {
  const { rearWindow, sideMirrors } = command;
  if (rearWindow !== null && sideMirrors !== null && rearWindow !== sideMirrors) {
    const message = 'This car heats rear window and side mirrors together or not at all.';
    return { ok: false, reason: 'invalidOption', message, hint: 'Give both the same value, or only one of them.' };
  }
  const both = rearWindow ?? sideMirrors;
  return asItIs({ ...command, rearWindow: both, sideMirrors: both });
}

const CLIMATES: Readonly<Record<CarInfo['generation'], (command: ClimateStart, car: Car) => Fitted>> = {
  classic: climateOfClassic,
  ccs2: climateOfCcs2,
  hata: climateOfHata,
};

/** ms: a state that is older says nothing about where the windows are now. */
export const WINDOWS_KNOWN_FOR_MS = 300_000;

/**
 * All four windows: those that the sender did not name stay where the car last said that they are.
 *
 * @param movedAt when windows were last asked to move, epoch ms: a state from before does not count.
 * @param now epoch ms.
 * @returns null if that is not known, not young enough or overtaken.
 */
export function completeWindows(command: Windows, known: Reading | null, movedAt: number, now: number): Windows | null {
  const { positions } = command;
  if (CORNERS.every((corner) => positions[corner] !== null)) return command;
  if (known === null) return null;
  const { last_updated_utc, detail } = known.state;
  const knownAt = last_updated_utc === null ? known.fetchedAt : Date.parse(last_updated_utc);
  // A state of the future is of a clock that has been set back: nobody knows how old it is.
  if (Math.abs(now - knownAt) >= WINDOWS_KNOWN_FOR_MS) return null;
  // The cloud's memory without a time of its own may be from before; cars give whole seconds.
  const isUndated = last_updated_utc === null && known.source === 'cached' && movedAt > 0;
  if (isUndated || Math.floor(knownAt / 1000) < Math.floor(movedAt / 1000)) return null;
  const at = (corner: keyof Corners<unknown>): WindowPosition | null =>
    positions[corner] ?? detail.window_positions[corner];
  const all = {
    front_left: at('front_left'),
    front_right: at('front_right'),
    rear_left: at('rear_left'),
    rear_right: at('rear_right'),
  };
  return CORNERS.every((corner) => all[corner] !== null) ? { name: 'windows', positions: all } : null;
}
