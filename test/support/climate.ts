import type { ClimateStart } from '../../src/machines/domain/command.ts';

/** Ten minutes of 21 °C and nothing else, unless `options` say otherwise. */
export const climateStart = (options: Partial<ClimateStart> = {}): ClimateStart => ({
  name: 'climate',
  action: 'start',
  setTempC: 21,
  durationMin: 10,
  defrost: false,
  steeringWheel: null,
  rearWindow: null,
  sideMirrors: null,
  seats: { front_left: null, front_right: null, rear_left: null, rear_right: null },
  ...options,
});
