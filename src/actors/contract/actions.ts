import type { FinalStatus } from '../../machines/domain/command.ts';
import { isoTime } from './iso-time.ts';
import type { ActionMetric } from './topics.ts';

/** One of the older bridge's action topics: bare text, QoS 1, not retained. */
export interface ActionMessage {
  readonly metric: ActionMetric;
  readonly payload: string;
}

/** @param startedAt epoch ms. */
export function actionStarted(startedAt: number): readonly ActionMessage[] {
  return [
    { metric: 'status', payload: 'PENDING' },
    { metric: 'started_at', payload: isoTime(startedAt) },
  ];
}

/** @param message of the ending; published where the action did not succeed. */
export function actionEnded(
  ending: { readonly status: FinalStatus; readonly message: string },
  times: { readonly startedAt: number; readonly completedAt: number },
): readonly ActionMessage[] {
  const messages: ActionMessage[] = [
    { metric: 'status', payload: wordOf(ending.status) },
    { metric: 'started_at', payload: isoTime(times.startedAt) },
    { metric: 'completed_at', payload: isoTime(times.completedAt) },
  ];
  if (ending.status !== 'succeeded') messages.push({ metric: 'error', payload: ending.message });
  return messages;
}

function wordOf(status: FinalStatus): 'SUCCESS' | 'FAILED' | 'TIMEOUT' | 'UNKNOWN' {
  switch (status) {
    case 'succeeded':
      return 'SUCCESS';
    case 'timedOut':
      return 'TIMEOUT';
    case 'unknown':
      return 'UNKNOWN';
    case 'failed':
    case 'rejected':
    case 'expired':
      return 'FAILED';
  }
}
