import { describe, expect, it } from 'vitest';
import { type Heard, judge } from '../../scripts/crash/judge.ts';
import { Tally } from '../../scripts/crash/tally.ts';

const told = (status: string, reason?: string): Heard => ({
  id: 'x',
  status,
  reason,
  text: JSON.stringify({ id: 'x', status, reason }),
});
const violationsOf = (heard: readonly Heard[], deliveries: number, shows = deliveries > 0) =>
  judge('x', [told('accepted'), ...heard], deliveries, shows).violations;

describe('the judge of the crash matrix', () => {
  it.each(['rejected', 'expired', 'timedOut', 'failed'])(
    'wants a command that ended %s not to be delivered',
    (status) => {
      expect(violationsOf([told(status, 'cloudUnavailable')], 0)).toEqual([]);
      expect(violationsOf([told(status, 'cloudUnavailable')], 1)).toEqual([
        `x ended ${status} (cloudUnavailable), but its car was told.`,
      ]);
    },
  );

  it('lets a car that was told refuse', () => {
    expect(violationsOf([told('failed', 'carRefused')], 1, false)).toEqual([]);
  });

  it('wants one delivery of what succeeded, and never two', () => {
    expect(violationsOf([told('succeeded')], 1)).toEqual([]);
    expect(violationsOf([told('succeeded')], 0)).toEqual(['x succeeded, but its car was never told.']);
    expect(violationsOf([told('succeeded')], 2, false)).toEqual(['x was delivered 2 times.']);
  });

  it('takes unknown where the car does not show it', () => {
    expect(violationsOf([told('unknown')], 1, false)).toEqual([]);
    expect(violationsOf([told('unknown')], 1, true)).toEqual(['x ended unknown, but a read would have shown it.']);
  });

  it('wants an end, and the same whenever it is told', () => {
    expect(violationsOf([], 0)).toEqual(['x has no final record.']);
    const again = { ...told('succeeded'), text: '{"id":"x","status":"succeeded","duplicate":true}' };
    expect(violationsOf([told('succeeded'), again], 1)).toEqual([]);
    expect(violationsOf([told('succeeded'), told('unknown')], 1)).toHaveLength(1);
  });
});

describe('the table of the crash matrix', () => {
  it('has every way in which a command can end', () => {
    const tally = new Tally(['kills']);
    const ends = ['succeeded', 'unknown', 'expired', 'rejected', 'timedOut', 'failed', 'nothing'];
    for (const end of ends) tally.add('here', end);
    const [head = '', row = ''] = tally.lines();
    const cells = row.trim().split(/\s+/).slice(1);
    for (const end of ends) expect([end, cells[head.trim().split(/\s+/).indexOf(end) - 1]]).toEqual([end, '1']);
    expect(tally.notes()).toEqual([]);
  });

  it('says where the cloud does not tell whether it was asked', () => {
    const tally = new Tally(['kills']);
    tally.addUnsure('here');
    expect(tally.lines()[1]).toContain('?');
    expect(tally.notes()).toHaveLength(1);
  });
});
