import { describe, expect, it } from 'vitest';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../../../../src/io/bluelink/translate/ccs2.ts';
import { AUSTRALIAN } from '../../../../src/io/bluelink/translate/dialect.ts';

const NOW = Date.UTC(2026, 10, 7);
const KM = 1;
const MILES = 3;

/** The driver's door is open, the driver's seat warm, the passenger's window ajar, the left front tyre low. */
const car = (unit: unknown) => ({
  state: {
    Vehicle: {
      Cabin: {
        Door: {
          Row1: { Driver: { Open: 1, Lock: 0 }, Passenger: { Open: 0, Lock: 0 } },
          Row2: { Left: { Open: 1 }, Right: { Open: 0 } },
        },
        Window: { Row1: { Driver: { Open: 0, OpenLevel: 0 }, Passenger: { Open: 0, OpenLevel: 2 } } },
        Seat: { Row1: { Driver: { Climate: { State: 8 } }, Passenger: { Climate: { State: 2 } } } },
      },
      Chassis: { Axle: { Row1: { Left: { Tire: { PressureLow: 1 } }, Right: { Tire: { PressureLow: 0 } } } } },
      Drivetrain: { FuelSystem: { DTE: { Total: 100, Unit: unit } } },
    },
  },
});
const read = (unit: unknown, dialect?: typeof AUSTRALIAN) =>
  translateCarStatus(car(unit), NOW, Answer.silent(), dialect);

const left = {
  doors_open: { front_left: true, front_right: false, rear_left: true, rear_right: false },
  windows_open: { front_left: false, front_right: true },
  seat_heat: { front_left: 'high_heat', front_right: 'off' },
  detail: { seat_levels: { front_left: 8 }, window_positions: { front_right: 2 } },
};
const right = {
  doors_open: { front_left: false, front_right: true, rear_left: true, rear_right: false },
  windows_open: { front_left: true, front_right: false },
  seat_heat: { front_left: 'off', front_right: 'high_heat' },
  detail: { seat_levels: { front_right: 8 }, window_positions: { front_left: 2 } },
};

describe('the front row of a CCS2 car', () => {
  it.each([
    ['that counts in kilometres has its driver on the left', KM, undefined, left],
    ['that counts in miles has its driver on the right', MILES, undefined, right],
    ['that does not say has its driver on the left', undefined, undefined, left],
    ['of Australia has its driver on the right, although it counts in kilometres', KM, AUSTRALIAN, right],
  ])('%s', (_, unit, dialect, sides) => {
    expect(read(unit, dialect)).toMatchObject(sides);
  });

  it('has its tyres and the row behind it by side, wherever the driver sits', () => {
    for (const unit of [KM, MILES]) {
      expect(read(unit)).toMatchObject({
        tyre_warning: { front_left: true, front_right: false },
        doors_open: { rear_left: true, rear_right: false },
      });
    }
  });
});
