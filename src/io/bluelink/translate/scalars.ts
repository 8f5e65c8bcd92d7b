import { z } from 'zod';
import type { Corners, PlugType, SeatHeat } from '../../../machines/domain/vehicle-state.ts';
import type { Dialect } from './dialect.ts';

/**
 * Schemas and rules for single values. The schemas say what is expected, and are to be read with `Answer.read`, for which
 * a value of another kind is unknown and never spoils the rest. What may be missing is null then; a null that came is of
 * another kind, except where it is said to be normal.
 */

export const number = z.number().optional().transform(orNull);
export const text = z.string().optional().transform(orNull);
export const boolean = z.boolean().optional().transform(orNull);
/** 0 or 1, or false or true: the cloud uses both for the same field. */
export const flag = z
  .union([z.boolean(), z.literal([0, 1])])
  .optional()
  .transform((value) => (value === undefined ? null : Boolean(value)));

/** An object of the vendor. */
export function part<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape).optional().transform(orNull);
}

/** A list of the vendor, without the entries that cannot be read. */
export function list<T extends z.ZodType>(item: T) {
  return z
    .array(item.optional())
    .optional()
    .transform((items) => (items ?? []).filter((entry) => entry !== undefined));
}

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}

/** The first word that says something. */
export function firstOf(...words: readonly (string | null | undefined)[]): string | null {
  return words.find((word) => word !== null && word !== undefined && word.trim() !== '') ?? null;
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

/** What a car says instead of a value that it does not have: all bits of a byte, or all but the last. */
export function isUnset(value: number): boolean {
  return value === 0xfe || value === 0xff;
}

/** Any number that is not below 0 and not the cars' way to say that they do not know. */
export function magnitude(value: number | null): number | null {
  return value === null || value < 0 || isUnset(value) ? null : value;
}

/** Minutes until something; two bytes, of which the highest two values are none. */
export function minutes(value: number | null): number | null {
  return value !== null && value >= 0 && value < 0xfffe ? value : null;
}

/** km/h, in the units of a distance. */
export function speedOf(distance: Distance | null): number | null {
  return isUnset(distance?.value ?? 0) ? null : kilometres(distance);
}

/** Kilometres still to go; two bytes, of which the highest two values are none. */
export function rangeOf(distance: Distance | null): number | null {
  return (distance?.value ?? 0) < 0xfffe ? kilometres(distance) : null;
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
  if (value === null || value < 0 || isUnset(value)) return null;
  return PLUGS[value] ?? 'unknown';
}

/** °C for the hexadecimal index of a set temperature: `0EH` is 14 steps of 0.5 above the lowest. */
export function setTemperature(
  code: string | null,
  { lowestC, highestC }: Pick<Dialect, 'lowestC' | 'highestC'>,
): number | null {
  const digits = code === null ? null : /^([0-9A-F]{2})H$/i.exec(code)?.[1];
  if (digits === null || digits === undefined) return null;
  const celsius = lowestC + Number.parseInt(digits, 16) / 2;
  return celsius <= highestC ? celsius : null;
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

/** °C of a number or of its digits, in °F if the unit is 1. What no cabin can be set to is none, as "OFF" is. */
export function degrees(value: number | string | null | undefined, unit: number | null | undefined): number | null {
  const given = typeof value === 'string' && value.trim() !== '' ? Number(value) : (value ?? Number.NaN);
  if (typeof given === 'string' || !Number.isFinite(given)) return null;
  const celsius = unit === 1 ? Math.round(((given - 32) / 1.8) * 2) / 2 : given;
  return celsius >= 10 && celsius <= 40 ? celsius : null;
}
