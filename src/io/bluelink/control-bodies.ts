import type {
  ChargeLimits,
  ClimateStart,
  ClimateStop,
  Control,
  Navigation,
  Windows,
} from '../../machines/domain/command.ts';
import { CloudError, ownFailure } from './cloud-error.ts';

/** The bodies of the controls that have more to say than one word. Source: the vendor's observed interface. */

type Body = Readonly<Record<string, unknown>>;

/** On which side the driver sits. */
export type DriverSide = 'L' | 'R';

const STEPS_PER_C = 2;

/** 21 °C is `0EH` where 14 °C is the lowest: steps of 0.5 from there, in hexadecimal. */
export function tempCode(celsius: number, lowestC: number): string {
  const index = Math.round((celsius - lowestC) * STEPS_PER_C);
  return `${index.toString(16).toUpperCase().padStart(2, '0')}H`;
}

/** 0 off, 2 rear window, 3 steering wheel, 4 both. */
export function heatingCode({ steeringWheel, rearWindow }: ClimateStart): 0 | 2 | 3 | 4 {
  const wheel = steeringWheel !== null && steeringWheel > 0;
  if (rearWindow === true) return wheel ? 4 : 2;
  return wheel ? 3 : 0;
}

export function classicClimate(command: ClimateStart | ClimateStop, lowestTempC: number): Body {
  if (command.action === 'stop') {
    // What the app sends; the cloud wants the options also to stop.
    return { action: 'stop', hvacType: 0, options: { defrost: true, heating1: 1 }, tempCode: '10H', unit: 'C' };
  }
  const { setTempC, durationMin, defrost } = command;
  return {
    action: 'start',
    hvacType: 0,
    options: { defrost, heating1: heatingCode(command), igniOnDuration: durationMin },
    tempCode: tempCode(setTempC, lowestTempC),
    unit: 'C',
  };
}

/** Whether it makes a difference on which side the driver sits. */
export function needsDriverSide(command: Control): boolean {
  if (command.name !== 'climate' || command.action === 'stop') return false;
  return (command.seats.front_left ?? 0) !== (command.seats.front_right ?? 0);
}

/** The front seats go by who sits there, the rear ones by side. */
export function ccs2Climate(command: ClimateStart | ClimateStop, driverSide: DriverSide): Body {
  if (command.action === 'stop') return { command: 'stop' };
  const { front_left, front_right, rear_left, rear_right } = command.seats;
  const [driver, passenger] = driverSide === 'L' ? [front_left, front_right] : [front_right, front_left];
  return {
    command: 'start',
    ignitionDuration: command.durationMin,
    strgWhlHeating: command.steeringWheel ?? 0,
    hvacTempType: 1,
    hvacTemp: command.setTempC,
    sideRearMirrorHeating: command.rearWindow === true || command.sideMirrors === true ? 1 : 0,
    drvSeatLoc: driverSide,
    seatClimateInfo: {
      drvSeatClimateState: driver ?? 0,
      psgSeatClimateState: passenger ?? 0,
      rrSeatClimateState: rear_right ?? 0,
      rlSeatClimateState: rear_left ?? 0,
    },
    tempUnit: 'C',
    windshieldFrontDefogState: command.defrost,
  };
}

/** A command is completed before it comes here; what nobody asked for is never sent in its place. */
function incomplete(message: string): CloudError {
  return new CloudError(ownFailure('unsupported', message, 'incomplete command'));
}

const DC = 0;
const AC = 1;

/** The cloud takes both limits together only. */
export function targetBody({ acPct, dcPct }: ChargeLimits): Body {
  if (acPct === null || dcPct === null) throw incomplete('The cloud takes both charge limits together only.');
  return {
    targetSOClist: [
      { plugType: DC, targetSOClevel: dcPct },
      { plugType: AC, targetSOClevel: acPct },
    ],
  };
}

export function windowBody({ positions }: Windows): Body {
  const all = [positions.front_left, positions.front_right, positions.rear_left, positions.rear_right];
  if (all.includes(null)) throw incomplete('The cloud takes all four windows together only.');
  return {
    backLeft: positions.rear_left,
    backRight: positions.rear_right,
    frontLeft: positions.front_left,
    frontRight: positions.front_right,
  };
}

const ENGLISH = 1;

export function navigationBody({ destination }: Navigation, deviceId: string): Body {
  const { lat, lon, name, address, zip, phone } = destination;
  const poi = {
    phone,
    waypointID: 0,
    lang: ENGLISH,
    src: 'HERE',
    coord: { lat, alt: 0, lon, type: 0 },
    addr: address,
    zip,
    placeid: '',
    name,
  };
  return { deviceID: deviceId, poiInfoList: [poi] };
}
