import { describe, expect, it } from 'vitest';
import { refresh, SITUATIONS } from '../machines/token/situations.ts';

/** One of the rules that no exploration saw fail when it was dropped: the gateway never names a token that is yet to come. */
describe('a refused token that is newer than the one in hand', () => {
  it('counts as the one in hand: it is renewed, and whoever asked waits', () => {
    const machine = SITUATIONS.valid();
    const { generation } = machine.context;
    expect(refresh(machine, 'r1', generation + 5)).not.toContain(`car TOKEN_READY r1 ${generation}`);
    expect(machine.state).toBe('refreshing.awaitingPermit');
    expect(machine.context.waiting.map(({ request }) => request)).toEqual(['r1']);
  });
});
