import { z } from 'zod';
import type { Corners, PlugType, SeatHeat } from '../../../machines/domain/vehicle-state.ts';

/** Schemas and rules for single values. A value of another type than expected is unknown, and never spoils the rest. */

export const number = z.number().nullish().catch(null).transform(orNull);
export const text = z.string().nullish().catch(null).transform(orNull);
export const boolean = z.boolean().nullish().catch(null).transform(orNull);
/** 0 or 1, or false or true: the cloud uses both for the same field. */
export const flag = z
  .union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)])
  .nullish()
  .catch(null)
  .transform(orNull);

/** An object of the vendor; null when it is missing or is no object. */
export function part<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape).nullish().catch(null).transform(orNull);
}

/** A list of the vendor, without the entries that cannot be read. */
export function list<T extends z.ZodType>(item: T) {
  return z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((items) =>
      (items ?? []).flatMap((entry) => {
        const parsed = item.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}

const KM_PER_MILE = 1.609344;

export interface Distance {
  readonly value: number | null;
  readonly unit: number | null;
}

/** Kilometres, to 0.1. Units: 1 is km, 2 and 3 are miles; without a unit it is km, as everywhere in the EU. */
export function kilometres(distance: Distance | null): number | null {
  if (distance === null || distance.value === null || distance.value < 0) return null;
  const isMiles = distance.unit === 2 || distance.unit === 3;
  return Math.round(distance.value * (isMiles ? KM_PER_MILE : 1) * 10) / 10;
}

/** 0 to 100; everything else (255, 254) means unknown. */
export function percent(value: number | null): number | null {
  return value !== null && value >= 0 && value <= 100 ? value : null;
}

/** 1 is on; 0 and 2 are off. */
export function onOff(value: number | boolean | null): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1) return true;
  return value === 0 || value === 2 ? false : null;
}

const SEATS: readonly SeatHeat[] = [
  'off',
  'on',
  'off',
  'low_cool',
  'medium_cool',
  'high_cool',
  'low_heat',
  'medium_heat',
  'high_heat',
];

export function seatHeat(level: number | null): SeatHeat | null {
  return level === null ? null : (SEATS[level] ?? null);
}

const PLUGS: readonly PlugType[] = ['none', 'fast', 'portable', 'station'];

export function plugType(value: number | null): PlugType | null {
  if (value === null || value < 0) return null;
  return PLUGS[value] ?? 'unknown';
}

/** The hexadecimal index of a set temperature (`0EH` is 21 °C): 14 °C and up in steps of 0.5. */
export function setTemperature(code: string | null): number | null {
  const digits = code === null ? null : /^([0-9A-F]{2})H$/i.exec(code)?.[1];
  if (digits === null || digits === undefined) return null;
  const index = Number.parseInt(digits, 16);
  return index < 32 ? 14 + index / 2 : null;
}

export function corners<T>(make: (corner: keyof Corners<T>) => T): Corners<T> {
  return {
    front_left: make('front_left'),
    front_right: make('front_right'),
    rear_left: make('rear_left'),
    rear_right: make('rear_right'),
  };
}

/** Null when nothing at all is known of the four. */
export function knownCorners<T>(all: Corners<T | null>): Corners<T | null> | null {
  return Object.values(all).every((value) => value === null) ? null : all;
}

/** 0/0 is what a car without a position sends. */
export function isPosition(lat: number | null, lon: number | null): boolean {
  if (lat === null || lon === null) return false;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
}
