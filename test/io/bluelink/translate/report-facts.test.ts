import { describe, expect, it } from 'vitest';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateChargeTargets } from '../../../../src/io/bluelink/translate/charge-targets.ts';
import { driverSide, reportStamp } from '../../../../src/io/bluelink/translate/report-facts.ts';

const inMiles = { state: { Vehicle: { Drivetrain: { FuelSystem: { DTE: { Unit: 3 } } } } } };

describe('the stamp of a report', () => {
  it.each([
    [{ lastUpdateTime: '1731000000123', state: { Vehicle: {} } }, 1_731_000_000_123],
    [{ lastUpdateTime: 1_731_000_000_123 }, 1_731_000_000_123],
    [{ state: { Vehicle: { Date: '20261107103000.000' } } }, 20_261_107_103_000],
    [{ lastUpdateTime: null, state: { Vehicle: { Date: '20261107103000' } } }, 20_261_107_103_000],
    [{ lastUpdateTime: 'soon', state: null }, null],
    [{}, null],
    [null, null],
    ['text', null],
  ])('of %j is %j', (resMsg, stamp) => {
    expect(reportStamp(resMsg, Answer.silent())).toBe(stamp);
  });
});

it.each([
  [inMiles, 'R'],
  [{ state: { Vehicle: { Drivetrain: { FuelSystem: { DTE: { Unit: 1 } } } } } }, 'L'],
  [{ state: { Vehicle: {} } }, null],
  [[], null],
])('the driver of %j sits on side %j', (resMsg, side) => {
  expect(driverSide(resMsg)).toBe(side);
});

describe('the charge limits in the cloud', () => {
  const target = (plugType: unknown, targetSOClevel: unknown) => ({ plugType, targetSOClevel });
  it.each([
    [[target(0, 90), target(1, 80)], 80, 90],
    [[target(1, 70), target(0, 90), target(1, 80)], 80, 90],
    [[target(0, 90)], null, 90],
    [[target(0, 255), target(1, 85)], null, null],
    [[target('1', 80), 'x', null], null, null],
    [null, null, null],
  ])('%j: AC %j, DC %j', (targetSOClist, acPct, dcPct) => {
    expect(translateChargeTargets({ targetSOClist }, Answer.silent())).toEqual({ acPct, dcPct });
  });

  it('are unknown in an answer of another kind', () => {
    expect(translateChargeTargets('nothing', Answer.silent())).toEqual({ acPct: null, dcPct: null });
  });
});
