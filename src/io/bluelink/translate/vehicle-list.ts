import { z } from 'zod';
import type { CarInfo } from '../../../machines/domain/command.ts';
import type { SpaGeneration } from '../endpoints.ts';
import type { Answer } from '../shape-reports.ts';
import { firstOf } from './scalars.ts';

const word = z.string().optional();
const vehicleSchema = z.object({
  vehicleId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  vin: word,
  nickname: word,
  vehicleName: word,
  year: z.union([z.string(), z.number()]).transform(String).optional(),
  type: word,
  ccuCCS2ProtocolSupport: z.union([z.number(), z.boolean(), z.string()]).optional(),
});

const listSchema = z.object({ vehicles: z.array(vehicleSchema.optional()) });

const ENGINES: Readonly<Record<string, CarInfo['engine']>> = {
  EV: 'ev',
  PHEV: 'phev',
  PE: 'phev',
  HV: 'hybrid',
  GN: 'combustion',
};

export interface VehicleList {
  readonly cars: readonly (CarInfo & { readonly generation: SpaGeneration })[];
  /** Entries that could not be read: no id, or none that may stand in a path. */
  readonly skipped: number;
}

/** `resMsg` of the vehicle list; null if it is no list. An account without cars is an empty list, not an error. */
export function translateVehicleList(resMsg: unknown, answer: Answer): VehicleList | null {
  const list = answer.read(listSchema, resMsg);
  if (list === null) return null;
  const cars = list.vehicles.filter((car) => car !== undefined);
  return {
    skipped: list.vehicles.length - cars.length,
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
