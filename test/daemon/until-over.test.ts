import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { untilOver } from '../../src/daemon/until-over.ts';
import { quietLog, recordingLog } from '../support/quiet-log.ts';

const never = new Promise<void>(() => {});
const now = Promise.resolve();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the end of the daemon', () => {
  it('is code 0 when somebody wants it, and nothing hurries the process', async () => {
    expect(await untilOver({ ended: never }, now, quietLog)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is code 1 and a sentence in the log when nothing in it goes on', async () => {
    const { log, lines } = recordingLog();
    expect(await untilOver({ ended: now }, never, log)).toBe(1);
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('cannot go on') }]);
  });

  it('comes within half a minute then, whatever still holds the process', async () => {
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    await untilOver({ ended: now }, never, quietLog);
    vi.advanceTimersByTime(29_999);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(exit.mock.calls).toEqual([[1]]);
  });
});
