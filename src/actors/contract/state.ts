import type { CarInfo } from '../../machines/domain/command.ts';
import type { Reading, VehicleState } from '../../machines/domain/vehicle-state.ts';
import { isoTime } from './iso-time.ts';
import type { LocationPolicy } from './readings.ts';

/** The whole car as `{base}/{car}/state` says it: every key always present, `null` for unknown. */
export type StateDocument = Omit<VehicleState, 'detail'> & {
  /** The cloud's vehicle id. */
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly generation: CarInfo['generation'];
  readonly engine: CarInfo['engine'];
  /** The car's own time for this state, null when it did not say. */
  readonly car_time: string | null;
  /** ISO 8601 UTC. */
  readonly fetched_at: string;
  readonly source: Reading['source'];
  /** True when the state is older than it should be, because the cloud or the car cannot be asked. */
  readonly stale: boolean;
  /** Only for an imagined car. */
  readonly simulated?: true;
};

export interface StateFlags {
  readonly location: LocationPolicy;
  readonly stale: boolean;
  readonly simulated: boolean;
}

/** What may be said of a car: never the VIN. */
export type CarMeta = Pick<CarInfo, 'id' | 'name' | 'model' | 'generation' | 'engine'>;

export function renderState(car: CarMeta, reading: Reading, flags: StateFlags): StateDocument {
  const { detail: _, ...state } = reading.state;
  return {
    id: car.id,
    name: car.name,
    model: car.model,
    generation: car.generation,
    engine: car.engine,
    ...state,
    location: flags.location === 'retained' ? state.location : null,
    car_time: state.last_updated_utc,
    fetched_at: isoTime(reading.fetchedAt),
    source: reading.source,
    stale: flags.stale,
    ...(flags.simulated ? { simulated: true } : {}),
  };
}
