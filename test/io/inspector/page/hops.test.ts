import { describe, expect, it } from 'vitest';
import { hopIn } from '../../../../src/io/inspector/page/hops.ts';

const toneOf = (row: Partial<Parameters<typeof hopIn>[0]>) =>
  hopIn({ at: 0, from: '', to: '', what: '', detail: '', durationMs: null, kind: 'event', ...row }, 'x').tone;
const answered = (what: string) => toneOf({ kind: 'call', from: 'cloud', to: 'command', what });
const told = (detail: string) => toneOf({ kind: 'message', from: 'bridge', to: 'broker', what: 'topic', detail });

describe('the tone of a step', () => {
  it('that somebody took a command is no success yet', () => {
    expect(told('accepted')).toBe('plain');
    expect(answered('accepted')).toBe('plain');
    expect(answered('record pending')).toBe('plain');
    expect(told('succeeded')).toBe('good');
    expect(answered('record success')).toBe('good');
    expect(answered('ok')).toBe('good');
  });

  it('what was not done, or may not have been, warns', () => {
    for (const end of ['rejected, superseded', 'expired, deadline', 'unknown, restarted'])
      expect(told(end)).toBe('warn');
    expect(answered('record nonResponse')).toBe('warn');
  });

  it('failures are failures, whatever they are called', () => {
    for (const what of ['tokenRefused', 'blocked', 'unsupported', 'network', 'timeout', 'broke', 'record fail']) {
      expect(answered(what), what).toBe('bad');
    }
    for (const end of ['failed, carRefused', 'timedOut, noAnswer']) expect(told(end)).toBe('bad');
  });
});
