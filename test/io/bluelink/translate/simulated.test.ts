import { describe, expect, it } from 'vitest';
import { ShapeReports } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../../../../src/io/bluelink/translate/ccs2.ts';
import { translateBareStatus, translateCachedStatus } from '../../../../src/io/bluelink/translate/classic.ts';
import { DEFAULT_SPEC, DEFAULT_STATE } from '../../../../src/io/simulator/car/car-state.ts';
import { ccs2Vehicle } from '../../../../src/io/simulator/car/ccs2-payload.ts';
import { vehicleStatus, vehicleStatusInfo } from '../../../../src/io/simulator/car/classic-payload.ts';
import { EUROPE } from '../../../../src/io/simulator/locale.ts';
import { createMemoryLog } from '../support/account.ts';

const NOW = Date.UTC(2026, 10, 7, 10, 30);

describe('the status of a simulated car', () => {
  it.each(['EV', 'PHEV', 'GN', 'HV'] as const)('has no field of a kind that a real car does not send: %s', (type) => {
    const log = createMemoryLog();
    const answer = () => new ShapeReports(log).answer('status');
    const state = { ...DEFAULT_STATE, climateOn: true, fuelLevelPercent: 40 };
    const read = [
      translateCachedStatus(
        { vehicleStatusInfo: vehicleStatusInfo(state, DEFAULT_SPEC, type, NOW, EUROPE) },
        NOW,
        answer(),
      ),
      translateBareStatus(vehicleStatus(state, DEFAULT_SPEC, type, null), NOW, answer()),
      translateCarStatus(
        { lastUpdateTime: String(NOW), state: { Vehicle: ccs2Vehicle(state, DEFAULT_SPEC, NOW, EUROPE) } },
        NOW,
        answer(),
      ),
    ];
    for (const each of read) expect(each).toMatchObject({ locked: true, climate_on: true, set_temp_c: 21 });
    expect(log.lines).toEqual([]);
  });
});
