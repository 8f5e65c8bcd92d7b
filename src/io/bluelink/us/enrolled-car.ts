import type { CarInfo } from '../../../machines/domain/command.ts';

/** A car as the US cloud lists it, with what its calls need. */
export interface EnrolledCar extends CarInfo {
  readonly generation: 'hata';
  /** Of the car's telematics unit, as the list says it: `2`, `3`. */
  readonly hataGeneration: string;
  /** As of the list, miles; null if it does not say. */
  readonly odometerMiles: number | null;
}
