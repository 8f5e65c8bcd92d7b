import { z } from 'zod';
import type { Position, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { Answer } from '../shape-reports.ts';
import { translateBareStatus } from './classic.ts';
import { isoSeconds, parseUtcTime } from './local-time.ts';
import { corners, flag, isPosition, kilometres, number, part, text } from './scalars.ts';

/** Where the status of the US cloud differs from that of the older European cars; all else is the same. */
const differencesSchema = z.object({
  dateTime: text,
  airTemp: part({ value: text }),
  tirePressureLamp: part({
    tirePressureWarningLampAll: flag,
    tirePressureWarningLampFrontLeft: flag,
    tirePressureWarningLampFrontRight: flag,
    tirePressureWarningLampRearLeft: flag,
    tirePressureWarningLampRearRight: flag,
  }),
  evStatus: part({ realTimePower: number }),
  vehicleLocation: part({
    coord: part({ lat: number, lon: number }),
    time: text,
    speed: part({ value: number, unit: number }),
  }),
});
type Differences = z.infer<typeof differencesSchema>;

const bodySchema = z.object({ vehicleStatus: z.record(z.string(), z.unknown()) });

const LAMP_KEYS = {
  front_left: 'tirePressureWarningLampFrontLeft',
  front_right: 'tirePressureWarningLampFrontRight',
  rear_left: 'tirePressureWarningLampRearLeft',
  rear_right: 'tirePressureWarningLampRearRight',
} as const;

/** The body of `vehicleStatus`, without the odometer, which is in the enrollment list. Null if it is no such thing. */
export function translateHataStatus(body: unknown, fetchedAt: number, answer: Answer): VehicleState | null {
  const wrapped = answer.readBody(bodySchema, body);
  if (wrapped === null) return null;
  const { vehicleStatus } = wrapped;
  const differences = answer.at('vehicleStatus').read(differencesSchema, vehicleStatus);
  const same = translateBareStatus(vehicleStatus, fetchedAt, answer.at('vehicleStatus'));
  if (same === null || differences === null) return answer.fail(['vehicleStatus'], 'a status');
  const { dateTime, airTemp, tirePressureLamp: lamps, evStatus, vehicleLocation } = differences;
  return {
    ...same,
    set_temp_c: celsiusOf(airTemp?.value ?? null),
    tyre_warning:
      lamps === null
        ? null
        : { all: lamps.tirePressureWarningLampAll, ...corners((corner) => lamps[LAMP_KEYS[corner]]) },
    charge_power_kw: evStatus?.realTimePower ?? null,
    location: positionOf(vehicleLocation, fetchedAt),
    last_updated_utc: utcTime(dateTime, fetchedAt),
    detail: { ...same.detail, speed_kmh: kilometres(vehicleLocation?.speed ?? null) },
  };
}

/** °F, to 0.1 °C; `LO` and `HI` are no numbers. */
function celsiusOf(value: string | null): number | null {
  if (value === null || !/^\d{2,3}$/.test(value)) return null;
  return Math.round(((Number(value) - 32) / 1.8) * 10) / 10;
}

function positionOf(location: Differences['vehicleLocation'], fetchedAt: number): Position | null {
  const lat = location?.coord?.lat ?? null;
  const lon = location?.coord?.lon ?? null;
  if (lat === null || lon === null || !isPosition(lat, lon)) return null;
  return { lat, lon, time_utc: utcTime(location?.time ?? null, fetchedAt) };
}

/** ISO 8601, or the same digits without marks. A car whose clock is ahead must not make later states look old. */
function utcTime(value: string | null, fetchedAt: number): string | null {
  const at = value === null ? null : parseUtcTime(value.replace(/[^\d]/g, ''));
  return at === null ? null : isoSeconds(Math.min(at, fetchedAt));
}
