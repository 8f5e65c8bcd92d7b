import { describe, expect, it } from 'vitest';
import { canTryAgain, failureLines } from '../../../src/io/cli/login-words.ts';
import type { CloudFailure, FailureKind } from '../../../src/machines/domain/failure.ts';

const failure = (kind: FailureKind, retryAfterMs: number | null = null): CloudFailure => ({
  kind,
  message: 'It did not work.',
  cause: 'HTTP 400',
  reached: 'no',
  answered: true,
  retryAfterMs,
});

describe('the words of a login that did not work', () => {
  it.each([
    'credentialsRejected',
    'otpRequired',
    'blocked',
    'cloudUnavailable',
    'rateLimited',
    'network',
    'timeout',
    'invalidResponse',
    'misconfigured',
    'loginBudget',
  ] as const)('say what to do about %s', (kind) => {
    const lines = failureLines(failure(kind), 0);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('It did not work.');
    expect(lines[1]).toMatch(/^[A-Z].*\.$/);
    expect(lines[2]).toBe(`(${kind}: HTTP 400)`);
  });

  it('say when the next try makes sense, if anybody knows', () => {
    expect(failureLines(failure('loginBudget', 3_600_000), 1_700_000_000_000)).toContain(
      'The next try makes sense at 2023-11-14T23:13:20.000Z.',
    );
  });

  it('leave it at the failure’s own sentence where that says everything', () => {
    expect(failureLines(failure('consentRequired'), 0)).toEqual(['It did not work.', '(consentRequired: HTTP 400)']);
  });
});

it('a person can try again at once after a wrong password and after new terms only', () => {
  const kinds = ['credentialsRejected', 'consentRequired', 'otpRequired', 'blocked', 'loginBudget', 'network'] as const;
  expect(kinds.filter((kind) => canTryAgain(failure(kind)))).toEqual(['credentialsRejected', 'consentRequired']);
});
