/** What a car is and what it is like at a moment: the truth, of which the cloud only knows the last report. */

export interface Corners<T> {
  readonly frontLeft: T;
  readonly frontRight: T;
  readonly backLeft: T;
  readonly backRight: T;
}

/** 0 closed, 1 open, 2 vented. */
export type WindowPosition = 0 | 1 | 2;
export type Plug = 'none' | 'fast' | 'portable' | 'station';
/** EV, plug-in hybrid (two names for it), hybrid, combustion. */
export type EngineType = 'EV' | 'PHEV' | 'PE' | 'HV' | 'GN';

export interface CarSpec {
  readonly capacityKwh: number;
  readonly fullRangeKm: number;
  readonly fuelRangeKm: number;
  readonly powerKw: { readonly fast: number; readonly portable: number; readonly station: number };
}

export const DEFAULT_SPEC: CarSpec = {
  capacityKwh: 64,
  fullRangeKm: 430,
  fuelRangeKm: 700,
  powerKw: { fast: 100, portable: 2.3, station: 10.5 },
};

export interface CarState {
  readonly locked: boolean;
  readonly doorsOpen: Corners<boolean>;
  readonly trunkOpen: boolean;
  readonly hoodOpen: boolean;
  readonly windows: Corners<WindowPosition>;
  readonly engineOn: boolean;
  readonly climateOn: boolean;
  /** When the climate switches itself off, epoch ms. */
  readonly climateEndsAt: number | null;
  readonly targetTemperatureC: number;
  readonly defrost: boolean;
  readonly steeringWheelHeat: boolean;
  readonly rearWindowHeat: boolean;
  readonly mirrorHeat: boolean;
  /** The cloud's seat codes: 0 off, 3-5 cool, 6-8 heat. */
  readonly seats: Corners<number>;
  readonly stateOfChargePercent: number;
  readonly plug: Plug;
  readonly charging: boolean;
  readonly limitAcPercent: number;
  readonly limitDcPercent: number;
  /** 1 = 100 %, 2 = 90 %, 3 = 60 % of the AC current. */
  readonly chargingCurrentLevel: 1 | 2 | 3;
  readonly dischargeLimitPercent: number;
  readonly chargePortOpen: boolean;
  readonly stateOfHealthPercent: number;
  readonly battery12vPercent: number;
  readonly fuelLevelPercent: number;
  readonly odometerKm: number;
  readonly tyreWarning: Corners<boolean>;
  readonly valet: boolean;
  readonly latitude: number;
  readonly longitude: number;
  readonly headingDegrees: number;
}

export function corners<T>(value: T): Corners<T> {
  return { frontLeft: value, frontRight: value, backLeft: value, backRight: value };
}

export const DEFAULT_STATE: CarState = {
  locked: true,
  doorsOpen: corners(false),
  trunkOpen: false,
  hoodOpen: false,
  windows: corners<WindowPosition>(0),
  engineOn: false,
  climateOn: false,
  climateEndsAt: null,
  targetTemperatureC: 21,
  defrost: false,
  steeringWheelHeat: false,
  rearWindowHeat: false,
  mirrorHeat: false,
  seats: corners(0),
  stateOfChargePercent: 62,
  plug: 'none',
  charging: false,
  limitAcPercent: 80,
  limitDcPercent: 90,
  chargingCurrentLevel: 1,
  dischargeLimitPercent: 20,
  chargePortOpen: false,
  stateOfHealthPercent: 98,
  battery12vPercent: 86,
  fuelLevelPercent: 0,
  odometerKm: 15_234.5,
  tyreWarning: corners(false),
  valet: false,
  latitude: 52.5163,
  longitude: 13.3777,
  headingDegrees: 90,
};
