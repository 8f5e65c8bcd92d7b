import type { Control } from '../../machines/domain/command.ts';
import {
  ccs2Climate,
  classicClimate,
  type DriverSide,
  navigationBody,
  targetBody,
  windowBody,
} from './control-bodies.ts';
import type { SpaGeneration } from './endpoints.ts';

type Generation = SpaGeneration;
type Token = 'access' | 'control';
type Body = Readonly<Record<string, unknown>>;

/** What a body needs besides the command. */
export interface Given {
  readonly deviceId: string;
  readonly driverSide: DriverSide;
  /** °C: what the code of a set temperature counts from. */
  readonly lowestTempC: number;
}

/** How one control is asked for. */
export interface ControlEndpoint {
  readonly path: string;
  /** Takes the completed command. Throws `CloudError` for one that is not complete. */
  body(command: Control, given: Given): Body;
  /** Which token the call is made with. */
  readonly token: Token;
  /** The PIN must be proved first, whatever token the call itself uses. */
  readonly provesPin: boolean;
}

interface Row<C extends Control> {
  readonly api: 'v1' | 'v2';
  /** Under the car's own path. */
  readonly path: string;
  readonly token: Token;
  /** True where the app asks for the PIN although the cloud would do without. */
  provesPin?(command: C): boolean;
  body(command: C, given: Given): Body;
}

/** Null: a car of this generation does not have it. */
type Rows<C extends Control> = { readonly [G in Generation]: Row<C> | null };
type Named<N extends Control['name']> = Extract<Control, { readonly name: N }>;
type Table = { readonly [N in Control['name']]: Rows<Named<N>> };

/** The same for both generations. */
function both<C extends Control>(row: Row<C>): Rows<C> {
  return { classic: row, ccs2: row };
}

const doorWord = (action: 'lock' | 'unlock') => (action === 'lock' ? 'close' : 'open');
const ON = () => ({ command: 'on' });

/** One row per command and generation. Source: the vendor's observed interface (version, path, token, body). */
const TABLE: Table = {
  lock: {
    classic: {
      api: 'v1',
      path: 'control/door',
      token: 'access',
      // The cloud would open the car with the access token alone; the app asks for the PIN, and so do we.
      provesPin: ({ action }) => action === 'unlock',
      body: ({ action }, { deviceId }) => ({ action: doorWord(action), deviceId }),
    },
    ccs2: {
      api: 'v2',
      path: 'ccs2/control/door',
      token: 'control',
      body: ({ action }) => ({ command: doorWord(action) }),
    },
  },
  climate: {
    classic: {
      api: 'v1',
      path: 'control/temperature',
      token: 'access',
      body: (command, { lowestTempC }) => classicClimate(command, lowestTempC),
    },
    ccs2: {
      api: 'v2',
      path: 'ccs2/control/temperature',
      token: 'control',
      body: (command, { driverSide }) => ccs2Climate(command, driverSide),
    },
  },
  charge: {
    classic: {
      api: 'v1',
      path: 'control/charge',
      token: 'access',
      body: ({ action }, { deviceId }) => ({ action, deviceId }),
    },
    ccs2: { api: 'v2', path: 'ccs2/control/charge', token: 'control', body: ({ action }) => ({ command: action }) },
  },
  charge_limits: both({ api: 'v1', path: 'charge/target', token: 'access', body: targetBody }),
  charging_current: {
    // The cloud accepts it for these cars too, and nothing comes of it.
    classic: null,
    ccs2: {
      api: 'v1',
      path: 'ccs2/charge/chargingcurrent',
      token: 'access',
      body: ({ level }) => ({ chargingCurrent: level }),
    },
  },
  charge_port: both({ api: 'v2', path: 'control/portdoor', token: 'control', body: ({ action }) => ({ action }) }),
  windows: both({ api: 'v2', path: 'control/windowcurtain', token: 'control', body: windowBody }),
  hazard_lights: both({ api: 'v2', path: 'ccs2/control/light', token: 'control', body: ON }),
  horn: both({ api: 'v2', path: 'ccs2/control/hornlight', token: 'control', body: ON }),
  valet: both({ api: 'v2', path: 'control/valet', token: 'control', body: ({ action }) => ({ action }) }),
  navigation: both({
    api: 'v2',
    path: 'location/routes',
    token: 'control',
    body: (command, { deviceId }) => navigationBody(command, deviceId),
  }),
};

/** Null if a car of this generation does not have the command. */
export function controlEndpoint(car: string, generation: Generation, command: Control): ControlEndpoint | null {
  // The row of a command takes that command: the table's type says so, TypeScript cannot follow it here.
  const row = TABLE[command.name][generation] as Row<Control> | null;
  if (row === null) return null;
  return {
    path: `/api/${row.api}/spa/vehicles/${encodeURIComponent(car)}/${row.path}`,
    body: (complete, given) => row.body(complete, given),
    token: row.token,
    provesPin: row.token === 'control' || (row.provesPin?.(command) ?? false),
  };
}
