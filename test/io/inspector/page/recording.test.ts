import { describe, expect, it } from 'vitest';
import { readRecording } from '../../../../src/io/inspector/page/recording.ts';
import { household } from '../../../browser/support/scenario.ts';

const head = (more: object = {}) =>
  JSON.stringify({ type: 'bluelinkd.recording', version: 1, bluelinkd: '0.1.0', ...more });
const textOf = (header: string, types: RegExp) =>
  [
    header,
    ...household()
      .entries.filter(({ type }) => types.test(type))
      .map((entry) => JSON.stringify(entry)),
  ].join('\n');

describe('reading a recording', () => {
  it('keeps whether its cars were simulated, if it says so', async () => {
    for (const simulated of [true, false]) {
      expect(await readRecording('one', textOf(head({ simulated }), /./))).toMatchObject({
        simulated,
        version: '0.1.0',
      });
    }
    expect(await readRecording('one', textOf(head(), /./))).toMatchObject({ simulated: null });
  });

  it('knows whether it has any health', async () => {
    expect(await readRecording('one', textOf(head(), /./))).toMatchObject({ hasHealth: true });
    expect(await readRecording('one', textOf(head(), /^@/))).toMatchObject({ hasHealth: false });
  });
});
