import { describe, expect, it } from 'vitest';
import { Missing } from '../../../../src/io/inspector/page/missing.ts';

describe('what is missing', () => {
  it('is said for a minute after the last of it, and not for ever', () => {
    const missing = new Missing();
    expect(missing.said(0, 0)).toBe(0);
    expect(missing.said(5, 1_000)).toBe(5);
    expect(missing.said(7, 50_000)).toBe(7);
    expect(missing.said(7, 109_000)).toBe(7);
    expect(missing.said(7, 111_000)).toBe(0);
    expect(missing.said(9, 112_000)).toBe(2);
  });

  it('begins anew with another picture', () => {
    const missing = new Missing();
    missing.said(7, 0);
    missing.said(7, 60_000);
    expect(missing.said(0, 61_000)).toBe(0);
    expect(missing.said(3, 62_000)).toBe(3);
  });
});
