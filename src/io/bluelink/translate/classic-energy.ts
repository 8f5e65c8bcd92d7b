import type { PlugType, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { StatusInfo, VehicleStatus } from './classic-schema.ts';
import { kilometres, magnitude, minutes, percent, plugType, rangeOf } from './scalars.ts';

/** What comes with the status. */
export type Around = Pick<StatusInfo, 'odometer' | 'vehicleLocation'>;

type Energy = Pick<
  VehicleState,
  | 'soc_pct'
  | 'soh_pct'
  | 'battery_12v_pct'
  | 'range_ev_km'
  | 'range_fuel_km'
  | 'range_total_km'
  | 'fuel_level_pct'
  | 'odometer_km'
  | 'charging'
  | 'plugged'
  | 'plug_type'
  | 'charge_port_open'
  | 'charge_limit_ac_pct'
  | 'charge_limit_dc_pct'
  | 'charge_power_kw'
  | 'charging_current_level'
  | 'minutes_to_charge'
>;

/** Batteries, tank, ranges and charge of a classic car. */
export function classicEnergy(status: VehicleStatus, info: Around, isDriveUnknown: boolean): Energy {
  const ev = status.evStatus;
  // Where there is no drive to plug in, the range is that of the tank.
  const engine = ev === null && !isDriveUnknown ? status.dte : null;
  const range = ev?.drvDistance[0]?.rangeByFuel ?? null;
  const times = ev?.remainTime2 ?? null;
  const plug: PlugType | null = plugType(ev?.batteryPlugin ?? null);
  return {
    soc_pct: percent(ev?.batteryStatus ?? null),
    soh_pct: percent(ev?.batterySoh ?? null),
    battery_12v_pct: percent(status.battery?.batSoc ?? null),
    range_ev_km: rangeOf(range?.evModeRange ?? null),
    range_fuel_km: rangeOf(range?.gasModeRange ?? engine),
    range_total_km: rangeOf(range?.totalAvailableRange ?? engine),
    fuel_level_pct: percent(status.fuelLevel),
    odometer_km: kilometres(info.odometer),
    charging: ev?.batteryCharge ?? null,
    plugged: plug === null ? null : plug !== 'none',
    plug_type: plug,
    charge_port_open: portOpen(ev?.chargePortDoorOpenStatus ?? null),
    charge_limit_ac_pct: limitOf(status, 1),
    charge_limit_dc_pct: limitOf(status, 0),
    charge_power_kw: magnitude(ev?.batteryPower?.batteryStndChrgPower ?? null),
    charging_current_level: null,
    minutes_to_charge:
      times === null
        ? null
        : {
            current: minutes(times.atc?.value ?? null),
            fast: minutes(times.etc1?.value ?? null),
            portable: minutes(times.etc2?.value ?? null),
            station: minutes(times.etc3?.value ?? null),
          },
  };
}

/** Entries may repeat; the last of a plug type is true. 0 is DC, 1 is AC. */
function limitOf(status: VehicleStatus, plug: 0 | 1): number | null {
  const targets = status.evStatus?.reservChargeInfos?.targetSOClist ?? [];
  return percent(targets.findLast((target) => target.plugType === plug)?.targetSOClevel ?? null);
}

function portOpen(value: number | null): boolean | null {
  if (value === 1) return true;
  return value === 2 ? false : null;
}
