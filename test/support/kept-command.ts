import type { KeptCommand } from '../../src/actors/ports.ts';

/** A lock of car c1, taken and nothing more. */
export function keptLock(id: string, key: number, more: Partial<KeptCommand> = {}): KeptCommand {
  return {
    kind: 'command',
    key,
    id,
    isNamed: true,
    account: 'main',
    car: 'c1',
    topicName: 'c1',
    command: 'lock',
    payload: new TextEncoder().encode(JSON.stringify({ action: 'lock', id })),
    fingerprint: `main/c1/lock/${id}`,
    receivedAt: Date.now(),
    expiresAt: null,
    ignored: [],
    hint: null,
    simulated: false,
    origin: { resultTopic: 'hyundai/c1/commands/lock/result', responseTopic: null, correlationData: null },
    twins: [],
    dispatch: null,
    record: null,
    isTold: false,
    ...more,
  };
}
