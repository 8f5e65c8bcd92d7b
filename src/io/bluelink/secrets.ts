import type { VehicleState } from '../../machines/domain/vehicle-state.ts';
import type { SessionRecord } from './session-record.ts';

/** A token, a VIN, or a latitude or longitude. */
export type OnSecret = (value: string | number, kind: 'token' | 'person' | 'place') => void;

/** Every token of a record. */
export function tellTokens({ session }: SessionRecord, onSecret: OnSecret): void {
  if (session === null) return;
  onSecret(session.accessToken, 'token');
  const { kind: _, ...tokens } = session.grant ?? { kind: null };
  for (const token of Object.values(tokens)) if (typeof token === 'string') onSecret(token, 'token');
}

export function tellPosition({ location }: VehicleState, onSecret: OnSecret): void {
  if (location === null) return;
  onSecret(location.lat, 'place');
  onSecret(location.lon, 'place');
}
