import type { Region } from './brands.ts';
import type { Zone } from './local-time.ts';

/** How the cars of a region write. */
export interface Locale {
  readonly zone: Zone;
  /** °C: what the codes of a set temperature begin and end with. */
  readonly lowestC: number;
  readonly highestC: number;
  /** On which side the driver sits. */
  readonly driverSide: 'L' | 'R';
  /** Whether the cached status of a classic car comes together with odometer and position, or is all there is. */
  readonly wrapsStatus: boolean;
}

/** The zone is Berlin's in all of Europe. */
export const EUROPE: Locale = { zone: 'Europe/Berlin', lowestC: 14, highestC: 30, driverSide: 'L', wrapsStatus: true };
/** The zone is Sydney's in all of Australia, and in New Zealand. */
const AUSTRALIA: Locale = { zone: 'Australia/Sydney', lowestC: 17, highestC: 27, driverSide: 'R', wrapsStatus: false };

/** The US cloud has a protocol of its own, which says nothing in these terms. */
export const LOCALES: Readonly<Record<Region, Locale>> = { EU: EUROPE, AU: AUSTRALIA, NZ: AUSTRALIA, US: EUROPE };
