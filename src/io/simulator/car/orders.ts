import type { CarState, Corners, WindowPosition } from './car-state.ts';
import { corners } from './car-state.ts';
import { CLIMATE_OFF, chargeLimitPercent } from './life.ts';

/** What can be asked of a car. */
export type Order =
  | { readonly type: 'door'; readonly locked: boolean }
  | {
      readonly type: 'climate';
      readonly on: true;
      readonly temperatureC: number;
      readonly defrost: boolean;
      readonly steeringWheelHeat: boolean;
      readonly rearWindowHeat: boolean;
      readonly mirrorHeat: boolean;
      readonly seats: Corners<number>;
      readonly durationMs: number;
    }
  | { readonly type: 'climate'; readonly on: false }
  | { readonly type: 'charge'; readonly on: boolean }
  | { readonly type: 'limits'; readonly acPercent: number | null; readonly dcPercent: number | null }
  | { readonly type: 'chargingCurrent'; readonly level: 1 | 2 | 3; readonly ignored: boolean }
  | { readonly type: 'dischargeLimit'; readonly percent: number }
  | { readonly type: 'chargePort'; readonly open: boolean }
  | { readonly type: 'windows'; readonly positions: Corners<WindowPosition> }
  | { readonly type: 'hazardLights' }
  | { readonly type: 'horn' }
  | { readonly type: 'valet'; readonly on: boolean }
  | { readonly type: 'navigation'; readonly stops: number }
  | { readonly type: 'schedule' };

/** The car after the order, or null when a condition for it is not met and the car refuses. */
export function carryOut(state: CarState, order: Order, now: number): CarState | null {
  switch (order.type) {
    case 'door':
      if (order.locked && (state.engineOn || Object.values(state.doorsOpen).some(Boolean))) return null;
      return { ...state, locked: order.locked };
    case 'climate':
      if (!order.on) return { ...state, ...CLIMATE_OFF, seats: corners(0) };
      if (state.engineOn || (state.stateOfChargePercent < 5 && state.fuelLevelPercent === 0)) return null;
      return {
        ...state,
        climateOn: true,
        climateEndsAt: now + order.durationMs,
        targetTemperatureC: order.temperatureC,
        defrost: order.defrost,
        steeringWheelHeat: order.steeringWheelHeat,
        rearWindowHeat: order.rearWindowHeat,
        mirrorHeat: order.mirrorHeat,
        seats: order.seats,
      };
    case 'charge':
      if (!order.on) return { ...state, charging: false };
      if (state.plug === 'none' || state.stateOfChargePercent >= chargeLimitPercent(state)) return null;
      return { ...state, charging: true };
    case 'limits':
      return {
        ...state,
        limitAcPercent: order.acPercent ?? state.limitAcPercent,
        limitDcPercent: order.dcPercent ?? state.limitDcPercent,
      };
    case 'chargingCurrent':
      return order.ignored ? state : { ...state, chargingCurrentLevel: order.level };
    case 'dischargeLimit':
      return { ...state, dischargeLimitPercent: order.percent };
    case 'chargePort':
      if (!order.open && state.plug !== 'none') return null;
      return { ...state, chargePortOpen: order.open };
    case 'windows':
      return { ...state, windows: order.positions };
    case 'valet':
      return { ...state, valet: order.on };
    case 'hazardLights':
    case 'horn':
    case 'navigation':
    case 'schedule':
      return state;
  }
}

/** The order in a word or two, for the log. */
export function describe(order: Order): string {
  switch (order.type) {
    case 'door':
      return order.locked ? 'door:close' : 'door:open';
    case 'climate':
      return order.on ? `climate:start ${order.temperatureC}` : 'climate:stop';
    case 'charge':
      return order.on ? 'charge:start' : 'charge:stop';
    case 'limits':
      return `limits:ac=${order.acPercent ?? '-'} dc=${order.dcPercent ?? '-'}`;
    case 'chargingCurrent':
      return `chargingCurrent:${order.level}`;
    case 'dischargeLimit':
      return `dischargeLimit:${order.percent}`;
    case 'chargePort':
      return order.open ? 'chargePort:open' : 'chargePort:close';
    case 'windows': {
      const { frontLeft, frontRight, backLeft, backRight } = order.positions;
      return `windows:${frontLeft}${frontRight}${backLeft}${backRight}`;
    }
    case 'valet':
      return order.on ? 'valet:activate' : 'valet:deactivate';
    case 'navigation':
      return `navigation:${order.stops}`;
    case 'hazardLights':
    case 'horn':
    case 'schedule':
      return order.type;
  }
}
