import type { ClimateStart, ClimateStop, Control, WindowPosition } from './command.ts';
import type { Settings } from './settings.ts';
import type { Corners, Reading, VehicleState } from './vehicle-state.ts';

/** What the car's state must show when a control has been carried out; null where no reading can show it. */
function wanted(command: Control): ((state: VehicleState) => boolean) | null {
  switch (command.name) {
    case 'lock':
      return ({ locked }) => locked === (command.action === 'lock');
    case 'climate':
      return (state) => showsClimate(state, command);
    case 'windows':
      return ({ detail }) => showWindows(detail.window_positions, command.positions);
    case 'charge_port':
      return ({ charge_port_open }) => charge_port_open === (command.action === 'open');
    case 'charge':
      return ({ charging }) => charging === (command.action === 'start');
    case 'charge_limits':
      return (state) =>
        (command.acPct === null || state.charge_limit_ac_pct === command.acPct) &&
        (command.dcPct === null || state.charge_limit_dc_pct === command.dcPct);
    case 'charging_current':
      return ({ charging_current_level }) => charging_current_level === command.level;
    case 'hazard_lights':
    case 'horn':
    case 'valet':
    case 'navigation':
      return null;
  }
}

/** A step of what can be set. What a car counts in whole degrees Fahrenheit comes back a little different. */
const TEMPERATURE_STEP_C = 0.5;

/** Climate that was on before, at another temperature, shows nothing; a car that tells none is taken at its word. */
function showsClimate({ climate_on, set_temp_c }: VehicleState, command: ClimateStart | ClimateStop): boolean {
  if (command.action === 'stop') return climate_on === false;
  if (climate_on !== true) return false;
  return set_temp_c === null || Math.abs(set_temp_c - command.setTempC) < TEMPERATURE_STEP_C;
}

/** Cars that do not tell a vented window from an open one prove nothing by that: there the record alone decides. */
function showWindows(shown: Corners<WindowPosition | null>, asked: Corners<WindowPosition | null>): boolean {
  const fits = (corner: keyof Corners<unknown>) => asked[corner] === null || shown[corner] === asked[corner];
  return fits('front_left') && fits('front_right') && fits('rear_left') && fits('rear_right');
}

/** Whether a reading can show this control at all; else its record alone decides. */
export function showsInState(command: Control): boolean {
  return wanted(command) !== null;
}

/**
 * Whether a reading proves that the car did what was asked. It counts only if the car's own time in it is not before
 * the moment at which the cloud took our call (both in whole seconds: cars give no finer time). A forced read that
 * carries no time of its own is the car's answer of just now, so the moment of the fetch stands for it.
 */
export function confirms(reading: Reading, command: Control, acceptedAt: number): boolean {
  return isSince(reading, acceptedAt) && shows(reading, command);
}

/** Whether a reading tells of the car after the cloud took a call, by the rule above. */
export function isSince({ state, source, fetchedAt }: Reading, acceptedAt: number): boolean {
  const carTime = state.last_updated_utc;
  const at = carTime === null ? (source === 'forced' ? fetchedAt : null) : Date.parse(carTime);
  return at !== null && Math.floor(at / 1000) >= Math.floor(acceptedAt / 1000);
}

/** Whether a reading, of whatever time, shows the car as this control wants it. */
export function shows(reading: Reading, command: Control): boolean {
  return wanted(command)?.(reading.state) ?? false;
}

/** How long the confirmation of a control is looked for, ms from its acceptance. */
export function confirmationMs(command: Control, settings: Settings): number {
  switch (command.name) {
    case 'lock':
      return settings.lockConfirmMs;
    case 'windows':
      return settings.windowsConfirmMs;
    case 'climate':
    case 'charging_current':
      return settings.climateConfirmMs;
    default:
      return settings.otherConfirmMs;
  }
}

/** Undecided after all looks, these are worth waking the car once. */
export function deservesForcedRead(command: Control): boolean {
  return command.name === 'lock' || command.name === 'windows' || command.name === 'charge_port';
}

/** Whether the cloud lists it in its action records at all: of the others a missing record says nothing. */
export function isRecorded(command: Control): boolean {
  return command.name !== 'charge_limits' && command.name !== 'charging_current';
}

/** Controls of one group are about the same thing of the car. */
export function groupOf(command: Control): string {
  return command.name;
}

/**
 * Whether the newer control makes the older one pointless while that still waits. A limit for AC says nothing about the
 * one for DC.
 */
export function supersedes(newer: Control, older: Control): boolean {
  if (newer.name === 'charge_limits' && older.name === 'charge_limits') {
    return (older.acPct === null || newer.acPct !== null) && (older.dcPct === null || newer.dcPct !== null);
  }
  return groupOf(newer) === groupOf(older);
}

/** Equal controls, arguments included, may be joined. */
export function argumentsOf(command: Control): string {
  return JSON.stringify(command);
}
