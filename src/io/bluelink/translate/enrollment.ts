import { z } from 'zod';
import type { CarInfo } from '../../../machines/domain/command.ts';
import type { Answer } from '../shape-reports.ts';
import type { EnrolledCar } from '../us/enrolled-car.ts';
import { firstOf } from './scalars.ts';

const word = z.string().optional();
const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional();

const detailsSchema = z.object({
  regid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  vin: z
    .string()
    .regex(/^[A-Za-z0-9]{1,32}$/)
    .optional(),
  nickName: word,
  modelCode: word,
  modelYear: z.union([z.string(), z.number()]).transform(String).optional(),
  enrollmentStatus: word,
  vehicleGeneration: z
    .union([z.string().regex(/^\d{1,2}$/), z.number()])
    .transform(String)
    .default('3'),
  odometer: count,
  evStatus: word,
});

const entrySchema = z.object({ vehicleDetails: detailsSchema });
const listSchema = z.object({ enrolledVehicleDetails: z.array(entrySchema.optional()) });

const ENGINES: Readonly<Record<string, CarInfo['engine']>> = { E: 'ev', P: 'phev', N: 'combustion' };
/** 62 to 82 °F, on our grid of half degrees. */
const SET_TEMP_C = { min: 17, max: 27.5 } as const;

export interface Enrollment {
  readonly cars: readonly EnrolledCar[];
  /** Entries that could not be read. */
  readonly skipped: number;
}

/** The enrollment list of the US cloud; null if it is none. Cars that were taken off the account are left out. */
export function translateEnrollment(body: unknown, answer: Answer): Enrollment | null {
  const list = answer.readBody(listSchema, body);
  if (list === null) return null;
  const entries = list.enrolledVehicleDetails.filter((entry) => entry !== undefined);
  const cars = entries.map(({ vehicleDetails }) => vehicleDetails);
  return {
    skipped: list.enrolledVehicleDetails.length - entries.length,
    cars: cars.filter(({ enrollmentStatus }) => enrollmentStatus !== 'CANCELLED').map(carOf),
  };
}

function carOf(details: z.infer<typeof detailsSchema>): EnrolledCar {
  const engine = ENGINES[details.evStatus ?? ''] ?? null;
  const { vehicleGeneration: hataGeneration } = details;
  return {
    id: details.regid,
    vin: details.vin ?? '',
    name: firstOf(details.nickName, details.modelCode) ?? details.regid,
    model: firstOf(details.modelCode, details.nickName) ?? '',
    year: details.modelYear ?? null,
    engine,
    generation: 'hata',
    setTempC: SET_TEMP_C,
    ...(engine === 'ev' && hataGeneration === '2' ? { plainClimate: true } : {}),
    hataGeneration,
    odometerMiles: details.odometer ?? null,
  };
}
