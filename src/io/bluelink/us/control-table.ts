import type { Charge, ClimateStart, ClimateStop, Control, Lock } from '../../../machines/domain/command.ts';
import { heatingCode, targetBody } from '../control-bodies.ts';
import type { EnrolledCar } from './enrolled-car.ts';

/** How one control is asked for. */
export interface HataControl {
  readonly path: string;
  /** Null: none. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Whether the VIN is named a second time, for the gate in front of the car. */
  readonly namesVin: boolean;
  /** What its record is asked under. */
  readonly service: HataService;
}
export type HataService = 'REMOTE_POLL' | 'LIGHTS_ONLY' | 'HORN_AND_LIGHTS';

const ROOT = '/ac/v2';
const FAHRENHEIT = 1;

/** Null if this cloud does not have the command. Source: the vendor's observed interface. */
export function hataControl(command: Control, car: EnrolledCar, username: string): HataControl | null {
  const owner = { userName: username, vin: car.vin };
  const simply = { namesVin: false, service: 'REMOTE_POLL' } as const;
  switch (command.name) {
    case 'lock':
      return { ...simply, path: `${ROOT}/rcs/rdo/${doorWord(command)}`, body: owner, namesVin: true };
    case 'climate':
      return { ...simply, path: climatePath(command, car), body: climateBody(command, car, username) };
    case 'charge':
      return { ...simply, path: `${ROOT}/evc/charge/${wordOf(command)}`, body: null };
    case 'charge_limits':
      return { ...simply, path: `${ROOT}/evc/charge/targetsoc/set`, body: targetBody(command) };
    case 'hazard_lights':
      return { path: `${ROOT}/rcs/rhl/light`, body: owner, namesVin: true, service: 'LIGHTS_ONLY' };
    case 'horn':
      return { path: `${ROOT}/rcs/rhl/hnl`, body: owner, namesVin: true, service: 'HORN_AND_LIGHTS' };
    case 'charge_port':
    case 'windows':
    case 'valet':
    case 'navigation':
    case 'charging_current':
      return null;
  }
}

/** "Remote door on" unlocks. */
const doorWord = ({ action }: Lock) => (action === 'lock' ? 'off' : 'on');
const wordOf = ({ action }: Charge | ClimateStart | ClimateStop) => action;
const isElectric = ({ engine }: EnrolledCar) => engine === 'ev';

function climatePath(command: ClimateStart | ClimateStop, car: EnrolledCar): string {
  return `${ROOT}/${isElectric(car) ? 'evc/fatc' : 'rcs/rsc'}/${wordOf(command)}`;
}

function climateBody(command: ClimateStart | ClimateStop, car: EnrolledCar, username: string) {
  if (command.action === 'stop') return null;
  const { front_left, front_right, rear_left, rear_right } = command.seats;
  const plain = {
    airCtrl: 1,
    airTemp: { value: fahrenheit(command.setTempC), unit: FAHRENHEIT },
    defrost: command.defrost,
    heating1: heatingCode(command),
  };
  if (car.plainClimate === true) return plain;
  const full = {
    ...plain,
    igniOnDuration: command.durationMin,
    seatHeaterVentInfo: {
      drvSeatHeatState: front_left ?? 0,
      astSeatHeatState: front_right ?? 0,
      rlSeatHeatState: rear_left ?? 0,
      rrSeatHeatState: rear_right ?? 0,
    },
  };
  return isElectric(car) ? full : { ...full, Ims: 0, username, vin: car.vin };
}

/** The cloud takes whole degrees: the nearest. */
export function fahrenheit(celsius: number): string {
  return String(Math.round(celsius * 1.8 + 32));
}
