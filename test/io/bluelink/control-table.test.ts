import { describe, expect, it } from 'vitest';
import { tempCode } from '../../../src/io/bluelink/control-bodies.ts';
import { controlEndpoint } from '../../../src/io/bluelink/control-table.ts';
import type { ClimateStart, Control } from '../../../src/machines/domain/command.ts';
import { climateStart } from '../../support/climate.ts';

const START = climateStart({ defrost: true, steeringWheel: 1, rearWindow: true });
const SEATED: ClimateStart = {
  ...START,
  setTempC: 20.5,
  sideMirrors: true,
  seats: { front_left: 6, front_right: 7, rear_left: 8, rear_right: null },
};
const DESTINATION: Control = {
  name: 'navigation',
  destination: { lat: 52.5, lon: 13.4, name: 'Home', address: 'Street 1', zip: '10115', phone: '' },
};
const WINDOWS: Control = {
  name: 'windows',
  positions: { front_left: 1, front_right: 0, rear_left: 2, rear_right: 0 },
};
const classicStart = { action: 'start', hvacType: 0, tempCode: '0EH', unit: 'C' };
const ccs2Start = (changes: object) => ({
  command: 'start',
  ignitionDuration: 10,
  strgWhlHeating: 1,
  hvacTempType: 1,
  hvacTemp: 20.5,
  sideRearMirrorHeating: 1,
  drvSeatLoc: 'L',
  seatClimateInfo: {
    drvSeatClimateState: 6,
    psgSeatClimateState: 7,
    rrSeatClimateState: 0,
    rlSeatClimateState: 8,
  },
  tempUnit: 'C',
  windshieldFrontDefogState: true,
  ...changes,
});
const windows = { backLeft: 2, backRight: 0, frontLeft: 1, frontRight: 0 };
const targets = {
  targetSOClist: [
    { plugType: 0, targetSOClevel: 90 },
    { plugType: 1, targetSOClevel: 80 },
  ],
};
const poi = {
  deviceID: 'dev',
  poiInfoList: [
    {
      phone: '',
      waypointID: 0,
      lang: 1,
      src: 'HERE',
      coord: { lat: 52.5, alt: 0, lon: 13.4, type: 0 },
      addr: 'Street 1',
      zip: '10115',
      placeid: '',
      name: 'Home',
    },
  ],
};

type Row = readonly [Control, 'classic' | 'ccs2', path: string, 'access' | 'control', pin: boolean, body: object];
const ROWS: readonly Row[] = [
  [
    { name: 'lock', action: 'lock' },
    'classic',
    'v1 control/door',
    'access',
    false,
    { action: 'close', deviceId: 'dev' },
  ],
  [
    { name: 'lock', action: 'unlock' },
    'classic',
    'v1 control/door',
    'access',
    true,
    { action: 'open', deviceId: 'dev' },
  ],
  [{ name: 'lock', action: 'lock' }, 'ccs2', 'v2 ccs2/control/door', 'control', true, { command: 'close' }],
  [{ name: 'lock', action: 'unlock' }, 'ccs2', 'v2 ccs2/control/door', 'control', true, { command: 'open' }],
  [
    START,
    'classic',
    'v1 control/temperature',
    'access',
    false,
    { ...classicStart, options: { defrost: true, heating1: 4, igniOnDuration: 10 } },
  ],
  [
    { ...START, defrost: false, rearWindow: null, setTempC: 29.5, durationMin: 30 },
    'classic',
    'v1 control/temperature',
    'access',
    false,
    { ...classicStart, tempCode: '1FH', options: { defrost: false, heating1: 3, igniOnDuration: 30 } },
  ],
  [
    { ...START, steeringWheel: 0, setTempC: 14 },
    'classic',
    'v1 control/temperature',
    'access',
    false,
    { ...classicStart, tempCode: '00H', options: { defrost: true, heating1: 2, igniOnDuration: 10 } },
  ],
  [
    { ...START, steeringWheel: null, rearWindow: false },
    'classic',
    'v1 control/temperature',
    'access',
    false,
    { ...classicStart, options: { defrost: true, heating1: 0, igniOnDuration: 10 } },
  ],
  [SEATED, 'ccs2', 'v2 ccs2/control/temperature', 'control', true, ccs2Start({})],
  [
    { ...SEATED, steeringWheel: 2, rearWindow: null, sideMirrors: null, defrost: false },
    'ccs2',
    'v2 ccs2/control/temperature',
    'control',
    true,
    ccs2Start({ strgWhlHeating: 2, sideRearMirrorHeating: 0, windshieldFrontDefogState: false }),
  ],
  [
    { name: 'climate', action: 'stop' },
    'classic',
    'v1 control/temperature',
    'access',
    false,
    { action: 'stop', hvacType: 0, options: { defrost: true, heating1: 1 }, tempCode: '10H', unit: 'C' },
  ],
  [{ name: 'climate', action: 'stop' }, 'ccs2', 'v2 ccs2/control/temperature', 'control', true, { command: 'stop' }],
  [
    { name: 'charge', action: 'start' },
    'classic',
    'v1 control/charge',
    'access',
    false,
    { action: 'start', deviceId: 'dev' },
  ],
  [
    { name: 'charge', action: 'stop' },
    'classic',
    'v1 control/charge',
    'access',
    false,
    { action: 'stop', deviceId: 'dev' },
  ],
  [{ name: 'charge', action: 'start' }, 'ccs2', 'v2 ccs2/control/charge', 'control', true, { command: 'start' }],
  [{ name: 'charge', action: 'stop' }, 'ccs2', 'v2 ccs2/control/charge', 'control', true, { command: 'stop' }],
  [{ name: 'charge_limits', acPct: 80, dcPct: 90 }, 'classic', 'v1 charge/target', 'access', false, targets],
  [{ name: 'charge_limits', acPct: 80, dcPct: 90 }, 'ccs2', 'v1 charge/target', 'access', false, targets],
  [
    { name: 'charging_current', level: 3 },
    'ccs2',
    'v1 ccs2/charge/chargingcurrent',
    'access',
    false,
    { chargingCurrent: 3 },
  ],
  [{ name: 'charge_port', action: 'open' }, 'classic', 'v2 control/portdoor', 'control', true, { action: 'open' }],
  [{ name: 'charge_port', action: 'close' }, 'ccs2', 'v2 control/portdoor', 'control', true, { action: 'close' }],
  [WINDOWS, 'classic', 'v2 control/windowcurtain', 'control', true, windows],
  [WINDOWS, 'ccs2', 'v2 control/windowcurtain', 'control', true, windows],
  [{ name: 'hazard_lights' }, 'classic', 'v2 ccs2/control/light', 'control', true, { command: 'on' }],
  [{ name: 'hazard_lights' }, 'ccs2', 'v2 ccs2/control/light', 'control', true, { command: 'on' }],
  [{ name: 'horn' }, 'classic', 'v2 ccs2/control/hornlight', 'control', true, { command: 'on' }],
  [{ name: 'horn' }, 'ccs2', 'v2 ccs2/control/hornlight', 'control', true, { command: 'on' }],
  [{ name: 'valet', action: 'activate' }, 'classic', 'v2 control/valet', 'control', true, { action: 'activate' }],
  [{ name: 'valet', action: 'deactivate' }, 'ccs2', 'v2 control/valet', 'control', true, { action: 'deactivate' }],
  [DESTINATION, 'classic', 'v2 location/routes', 'control', true, poi],
  [DESTINATION, 'ccs2', 'v2 location/routes', 'control', true, poi],
];

describe('the call for a control', () => {
  it.each(ROWS)('%j on a car of %s goes to %s with the %s token', (command, generation, where, token, pin, body) => {
    const [version, path] = where.split(' ');
    const endpoint = controlEndpoint('my car', generation, command);
    expect(endpoint).toMatchObject({
      path: `/api/${version}/spa/vehicles/my%20car/${path}`,
      token,
      provesPin: pin,
    });
    expect(endpoint?.body(command, { deviceId: 'dev', driverSide: 'L', lowestTempC: 14 })).toEqual(body);
  });

  it('does not exist for the charging current of an older car', () => {
    expect(controlEndpoint('c', 'classic', { name: 'charging_current', level: 1 })).toBeNull();
  });

  it('names the driver of a right-hand drive car by the right seat', () => {
    const body = controlEndpoint('c', 'ccs2', SEATED)?.body(SEATED, {
      deviceId: 'dev',
      driverSide: 'R',
      lowestTempC: 14,
    });
    expect(body).toMatchObject({
      drvSeatLoc: 'R',
      seatClimateInfo: { drvSeatClimateState: 7, psgSeatClimateState: 6, rlSeatClimateState: 8 },
    });
  });

  it.each<Control>([
    { name: 'windows', positions: { front_left: 1, front_right: null, rear_left: 0, rear_right: 0 } },
    { name: 'charge_limits', acPct: 80, dcPct: null },
  ])('is never made with something that nobody asked for: %j', (command) => {
    const endpoint = controlEndpoint('c', 'classic', command);
    expect(() => endpoint?.body(command, { deviceId: 'dev', driverSide: 'L', lowestTempC: 14 })).toThrow(
      'together only',
    );
  });

  it('has one temperature code for every half degree', () => {
    const codes = Array.from({ length: 32 }, (_, index) => tempCode(14 + index / 2, 14));
    expect(codes).toEqual(codes.map((_, index) => `${index.toString(16).toUpperCase().padStart(2, '0')}H`));
  });
});
