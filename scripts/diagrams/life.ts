import type { Observation } from '../../src/actors/observe/observation.ts';
import type { Journal, JournalRecord, MessageBus, OutboundMessage } from '../../src/actors/ports.ts';
import { createSystem } from '../../src/actors/system.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { FakeBus } from '../../test/support/fake-bus.ts';
import { FakeCloud } from '../../test/support/fake-cloud.ts';
import { clock, randomness } from '../../test/support/quiet.ts';
import { quietLog } from '../../test/support/quiet-log.ts';
import type { Ear } from './traffic.ts';

/**
 * A short life of the real actors, with everything around them in memory: what no exploration of the machines can hear is
 * heard here. Who starts whom, what the bridge's own actions send, and what goes to and comes from the world.
 */
const BASE = 'base';
const CAR = 'car';
const ACCOUNT = 'account';
const QUICK: Settings = { ...DEFAULT_SETTINGS, lookAfterMs: [1, 2, 3, 4], lookEveryMs: 1, settleMs: 1, readPauseMs: 1 };

export async function listenToALife(ear: Ear): Promise<void> {
  const cloud = new FakeCloud(['c1']);
  const bus = new ListenedBus(ear);
  const system = createSystem({
    settings: QUICK,
    accounts: [{ name: ACCOUNT, cloud: cloud, onlyCars: null }],
    bus,
    journal: listenedJournal(ear),
    baseTopic: BASE,
    discoveryPrefix: 'homeassistant',
    responsePrefixes: ['answers/'],
    carNames: new Map([['c1', CAR]]),
    location: 'live',
    readAtStart: true,
    simulated: false,
    version: '0.0.0',
    cloudUrl: null,
    clock,
    log: quietLog,
    randomness,
    observers: [(observation) => listen(ear, observation)],
  });
  const order = (action: string, id: string) =>
    bus.inner.send(`${BASE}/${CAR}/commands/lock`, { action, id }, { responseTopic: 'answers/here' });
  const end = async (id: string): Promise<void> => {
    await bus.inner.until(`the end of ${id}`, () =>
      bus.inner.on(`${BASE}/${CAR}/command`).find((record) => (record as { readonly id?: string }).id === id),
    );
  };
  const command = (action: string, id: string): Promise<void> => {
    order(action, id);
    return end(id);
  };
  system.start();
  // Its car is not listed yet: it is kept until that is.
  order('lock', 'early');
  await end('early');
  await bus.inner.until('the state', () => bus.inner.on(`${BASE}/${CAR}/state`)[0]);
  await command('lock', 'one');
  cloud.revoke();
  await command('unlock', 'two');
  for (const verb of ['health', 'refresh_accounts']) bus.inner.send(`${BASE}/bridge/request/${verb}`, 'now');
  cloud.instead = ({ type }) => (type === 'control' ? REFUSED : undefined);
  await command('lock', 'three');
  cloud.logInBeside();
  bus.lose();
  await system.stop();
}

const REFUSED = {
  kind: 'unsupported',
  message: 'No.',
  cause: 'HTTP 400',
  reached: 'no',
  answered: true,
  retryAfterMs: null,
} as const;

/** Events of the world come from nobody: which part of it, their type tells. */
const PARTS: Readonly<Record<string, string>> = { SESSION_CHANGED: 'cloud', SHUT_DOWN: 'signal' };

function listen(ear: Ear, observation: Observation): void {
  const { actor } = observation;
  if (observation.type === 'started' && actor.parent !== null) ear.spawned(actor.parent, actor.address);
  if (observation.type !== 'delivered') return;
  const { from, event } = observation;
  if (event.type.startsWith('xstate.') || from === actor.address) return;
  if (from === null) ear.heard(PARTS[event.type] ?? 'broker', actor.kind, event.type);
  else ear.sent({ from, to: actor.address, event });
}

class ListenedBus implements MessageBus {
  readonly inner = new FakeBus();
  readonly #ear: Ear;
  #lose: () => void = () => {};

  constructor(ear: Ear) {
    this.#ear = ear;
  }

  start(...[listener, subscriptions]: Parameters<MessageBus['start']>): void {
    this.#lose = () => listener.lost('gone');
    for (const filter of subscriptions) this.#ear.heard('broker', 'bridge', filter.replace(BASE, '…'));
    this.inner.start(listener);
  }

  publish(message: OutboundMessage): void {
    this.#ear.heard('bridge', 'broker', shapeOf(message.topic));
    this.inner.publish(message);
  }

  async close(last: OutboundMessage | null): Promise<void> {
    if (last !== null) this.publish(last);
  }

  lose(): void {
    this.#lose();
  }
}

/** `base/car/commands/lock/result` as `…/{car}/commands/{name}/result`; the hundred readings are one. */
function shapeOf(topic: string): string {
  if (!topic.startsWith(`${BASE}/`)) return topic === 'answers/here' ? '{response topic}' : topic;
  const [first, second = '', third = '', fourth] = topic.slice(BASE.length + 1).split('/');
  if (first === 'bridge') return `…/bridge/${third === '' ? second : `${second}/{name}`}`;
  if (second === 'commands') return `…/{car}/commands/{name}/${fourth}`;
  if (second === 'action') return '…/{car}/action/{id}/{metric}';
  return third === '' && ['state', 'command'].includes(second) ? `…/{car}/${second}` : '…/{car}/{reading}';
}

/** What is written down before a call is the command's doing, all else the bridge's. */
const writerOf = (record: JournalRecord): string =>
  record.kind === 'command' && record.dispatch !== null && record.record === null ? 'command' : 'bridge';

function listenedJournal(ear: Ear): Journal {
  return {
    get left() {
      ear.heard('journal', 'bridge', 'left');
      return [];
    },
    isRead: true,
    onRead: () => {},
    async write(record) {
      ear.heard(writerOf(record), 'journal', 'write');
      return true;
    },
    note: (record) => ear.heard(writerOf(record), 'journal', 'note'),
    remove: () => ear.heard('bridge', 'journal', 'remove'),
    close: async () => {},
  };
}
