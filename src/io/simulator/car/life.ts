import type { CarSpec, CarState } from './car-state.ts';

/** How a car changes by itself while time passes. Pure: states in, states out. */

const HOUR_MS = 3_600_000;
const CLIMATE_KW = 1.5;
const STANDBY_KW = 0.012;
/** A parked car loses about half a percent of its 12 V battery a day; the charger fills it up again. */
const BATTERY_12V_PERCENT_PER_HOUR = 0.02;
const CHARGER_12V_PERCENT_PER_HOUR = 4;
const BATTERY_12V_FULL_PERCENT = 95;
const CURRENT_SHARE = { 1: 1, 2: 0.9, 3: 0.6 } as const;

export function chargeLimitPercent(state: CarState): number {
  return state.plug === 'fast' ? state.limitDcPercent : state.limitAcPercent;
}

/** kW into the battery; 0 when it is not charging. */
export function chargePowerKw(state: CarState, spec: CarSpec): number {
  if (!state.charging || state.plug === 'none') return 0;
  const share = state.plug === 'fast' ? 1 : CURRENT_SHARE[state.chargingCurrentLevel];
  return spec.powerKw[state.plug] * share;
}

/** Minutes from here to `limitPercent` at this power, whole, 0 if it is there already. */
export function minutesToCharge(state: CarState, spec: CarSpec, limitPercent: number, powerKw: number): number {
  const missingKwh = (Math.max(0, limitPercent - state.stateOfChargePercent) / 100) * spec.capacityKwh;
  return powerKw <= 0 ? 0 : Math.ceil((missingKwh / powerKw) * 60);
}

export function rangeKm(state: CarState, spec: CarSpec): number {
  return Math.round((state.stateOfChargePercent / 100) * spec.fullRangeKm);
}

/** When this state ends by itself (the battery is full enough, the climate's time is over), ms from now; null if never. */
export function msUntilChange(state: CarState, spec: CarSpec, now: number): number | null {
  const ends: number[] = [];
  if (state.charging) {
    const missingKwh = ((chargeLimitPercent(state) - state.stateOfChargePercent) / 100) * spec.capacityKwh;
    ends.push(Math.max(0, Math.ceil((missingKwh / netKw(state, spec)) * HOUR_MS)));
  }
  if (state.climateOn && state.climateEndsAt !== null) ends.push(Math.max(0, state.climateEndsAt - now));
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The same car `ms` later. */
export function evolve(state: CarState, spec: CarSpec, ms: number): CarState {
  if (ms <= 0) return state;
  const hours = ms / HOUR_MS;
  const gain = (netKw(state, spec) / spec.capacityKwh) * 100 * hours;
  const ceiling = state.charging ? Math.max(state.stateOfChargePercent, chargeLimitPercent(state)) : 100;
  const battery12v = state.charging
    ? Math.max(
        state.battery12vPercent,
        Math.min(BATTERY_12V_FULL_PERCENT, state.battery12vPercent + CHARGER_12V_PERCENT_PER_HOUR * hours),
      )
    : Math.max(0, state.battery12vPercent - BATTERY_12V_PERCENT_PER_HOUR * hours);
  return {
    ...state,
    stateOfChargePercent: Math.min(ceiling, Math.max(0, state.stateOfChargePercent + gain)),
    battery12vPercent: battery12v,
  };
}

/** What happens at a moment that `msUntilChange` announced. */
export function settle(state: CarState, now: number): CarState {
  const charged = state.charging && state.stateOfChargePercent >= chargeLimitPercent(state) - 0.01;
  const warm = state.climateOn && state.climateEndsAt !== null && state.climateEndsAt <= now;
  return {
    ...state,
    ...(charged
      ? { charging: false, stateOfChargePercent: Math.max(state.stateOfChargePercent, chargeLimitPercent(state)) }
      : {}),
    ...(warm ? CLIMATE_OFF : {}),
  };
}

export const CLIMATE_OFF = {
  climateOn: false,
  climateEndsAt: null,
  defrost: false,
  steeringWheelHeat: false,
  rearWindowHeat: false,
  mirrorHeat: false,
} as const satisfies Partial<CarState>;

/** A plugged car heats from the grid, a charging one never drains. */
function netKw(state: CarState, spec: CarSpec): number {
  if (state.charging) return Math.max(0.5, chargePowerKw(state, spec));
  const climate = state.climateOn && state.plug === 'none' ? CLIMATE_KW : 0;
  return -(climate + STANDBY_KW);
}
