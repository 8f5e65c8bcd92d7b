import { describe, expect, it } from 'vitest';
import { actionEnded, actionStarted } from '../../../src/actors/contract/actions.ts';
import { REASON_TEXTS } from '../../../src/actors/contract/reasons.ts';
import {
  acceptedRecord,
  duplicateOf,
  finalRecord,
  type Received,
  refusedRecord,
} from '../../../src/actors/contract/records.ts';
import { type Ending, REASONS } from '../../../src/machines/domain/command.ts';

const RECEIVED_AT = Date.parse('2026-11-07T10:30:00.000Z');
const FINISHED = { finishedAt: RECEIVED_AT + 1_500 };
const RECEIVED: Received = {
  id: 'a',
  command: 'lock',
  receivedAt: RECEIVED_AT,
  ignored: [],
  simulated: false,
  hint: null,
};
const SUCCESS: Ending = {
  status: 'succeeded',
  reason: null,
  message: 'The car is locked.',
  attempts: 2,
  actionId: null,
};

describe('the record of a command', () => {
  it('of one accepted has no reason and no end', () => {
    expect(acceptedRecord(RECEIVED)).toEqual({
      id: 'a',
      command: 'lock',
      status: 'accepted',
      message: 'Accepted.',
      hint: null,
      attempts: 0,
      received_at: '2026-11-07T10:30:00.000Z',
      finished_at: null,
    });
  });

  it('of a success has no reason', () => {
    expect(finalRecord(RECEIVED, SUCCESS, FINISHED)).toEqual({
      id: 'a',
      command: 'lock',
      status: 'succeeded',
      message: 'The car is locked.',
      hint: null,
      attempts: 2,
      received_at: '2026-11-07T10:30:00.000Z',
      finished_at: '2026-11-07T10:30:01.500Z',
    });
  });

  it('repeats what was sent, where something was', () => {
    const sent = { action: 'start', set_temp: 21 };
    expect(finalRecord(RECEIVED, { ...SUCCESS, sent }, FINISHED)).toMatchObject({ sent });
    expect(finalRecord(RECEIVED, SUCCESS, FINISHED)).not.toHaveProperty('sent');
  });

  it('carries what else there is to say', () => {
    const received = { ...RECEIVED, simulated: true, ignored: ['door'], hint: 'Live, though marked retained.' };
    const ending: Ending = {
      ...SUCCESS,
      status: 'failed',
      reason: 'carRefused',
      message: '',
      actionId: 'x-1',
      joined: 'b',
    };
    expect(finalRecord(received, ending, { ...FINISHED, retryAt: RECEIVED_AT + 60_000 })).toMatchObject({
      status: 'failed',
      reason: 'carRefused',
      message: 'The car refused the command.',
      hint: 'Live, though marked retained. A door may be open, the engine on, or the key inside.',
      simulated: true,
      ignored: ['door'],
      joined: 'b',
      action_id: 'x-1',
      retry_at: '2026-11-07T10:31:00.000Z',
    });
    expect(acceptedRecord(received)).toMatchObject({
      simulated: true,
      ignored: ['door'],
      hint: 'Live, though marked retained.',
    });
  });

  it('of a message that never became a command is rejected, or expired', () => {
    expect(refusedRecord(RECEIVED, { reason: 'malformed', message: 'No.', hint: 'Yes.' }, FINISHED)).toMatchObject({
      status: 'rejected',
      reason: 'malformed',
      message: 'No.',
      hint: 'Yes.',
      attempts: 0,
    });
    expect(refusedRecord(RECEIVED, { reason: 'expired' }, FINISHED).status).toBe('expired');
  });

  it('of a repetition is the same but for saying so', () => {
    const record = finalRecord(RECEIVED, SUCCESS, FINISHED);
    expect(duplicateOf(record)).toEqual({ ...record, duplicate: true });
  });

  it.each(REASONS)('has a sentence for %s', (reason) => {
    const record = refusedRecord(RECEIVED, { reason }, FINISHED);
    expect(record.reason).toBe(reason);
    expect(record.message).toMatch(/^[A-Z].{10,}\.$/);
    expect(REASON_TEXTS[reason].hint ?? 'None.').toMatch(/^[A-Z].*\.$/);
  });

  it('has texts for the reasons and for nothing else', () => {
    expect(Object.keys(REASON_TEXTS).sort()).toEqual([...REASONS].sort());
  });
});

describe('the action topics of the older bridge', () => {
  it('begin with PENDING', () => {
    expect(actionStarted(RECEIVED_AT)).toEqual([
      { metric: 'status', payload: 'PENDING' },
      { metric: 'started_at', payload: '2026-11-07T10:30:00.000Z' },
    ]);
  });

  it.each([
    ['succeeded', 'SUCCESS', 3],
    ['failed', 'FAILED', 4],
    ['timedOut', 'TIMEOUT', 4],
    ['unknown', 'UNKNOWN', 4],
    ['expired', 'FAILED', 4],
  ] as const)('say of %s: %s, and an error unless it succeeded', (status, word, count) => {
    const messages = actionEnded({ status, message: 'Why.' }, { startedAt: RECEIVED_AT, completedAt: RECEIVED_AT });
    expect(messages[0]).toEqual({ metric: 'status', payload: word });
    expect(messages).toHaveLength(count);
  });
});
