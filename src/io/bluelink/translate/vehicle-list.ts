import { z } from 'zod';
import type { CarInfo } from '../../../machines/domain/command.ts';
import { list } from './scalars.ts';

const word = z.string().nullish().catch(null);
const vehicleSchema = z.object({
  vehicleId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  vin: word,
  nickname: word,
  vehicleName: word,
  year: z.union([z.string(), z.number()]).transform(String).nullish().catch(null),
  type: word,
  ccuCCS2ProtocolSupport: z.union([z.number(), z.boolean(), z.string()]).nullish().catch(null),
});

const listSchema = z.object({
  vehicles: z.array(z.unknown()).transform((items) => ({ items, cars: list(vehicleSchema).parse(items) })),
});

const ENGINES: Readonly<Record<string, CarInfo['engine']>> = {
  EV: 'ev',
  PHEV: 'phev',
  PE: 'phev',
  HV: 'hybrid',
  GN: 'combustion',
};

export interface VehicleList {
  readonly cars: readonly CarInfo[];
  /** Entries that could not be read: no id, or none that may stand in a path. */
  readonly skipped: number;
}

/** `resMsg` of the vehicle list; null if it is no list. An account without cars is an empty list, not an error. */
export function translateVehicleList(resMsg: unknown): VehicleList | null {
  const parsed = listSchema.safeParse(resMsg);
  if (!parsed.success) return null;
  const { items, cars } = parsed.data.vehicles;
  return {
    skipped: items.length - cars.length,
    cars: cars.map((car) => ({
      id: car.vehicleId,
      vin: car.vin ?? '',
      name: firstOf(car.nickname, car.vehicleName) ?? car.vehicleId,
      model: firstOf(car.vehicleName, car.nickname) ?? '',
      year: car.year ?? null,
      engine: ENGINES[car.type ?? ''] ?? null,
      generation: isCcs2(car.ccuCCS2ProtocolSupport) ? 'ccs2' : 'classic',
    })),
  };
}

/** Newer cars have values above 1: everything but 0 is the newer protocol. */
function isCcs2(value: string | number | boolean | null | undefined): boolean {
  return value !== null && value !== undefined && value !== '' && Number(value) !== 0;
}

function firstOf(...words: readonly (string | null | undefined)[]): string | null {
  return words.find((word) => word !== null && word !== undefined && word.trim() !== '') ?? null;
}
