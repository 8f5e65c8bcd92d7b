import { BERLIN, SYDNEY, type Zone } from './local-time.ts';

/** In what one cloud of the family writes its statuses differently from another. */
export interface Dialect {
  readonly zone: Zone;
  /** What the codes of a set temperature stand for, °C: the code 0, and the highest that there is. */
  readonly lowestC: number;
  readonly highestC: number;
  /** On which side the drivers sit; null where the cars' unit of distance tells it. */
  readonly driverSide: 'L' | 'R' | null;
}

export const EUROPEAN: Dialect = { zone: BERLIN, lowestC: 14, highestC: 29.5, driverSide: null };
export const AUSTRALIAN: Dialect = { zone: SYDNEY, lowestC: 17, highestC: 27, driverSide: 'R' };
