import { createHash } from 'node:crypto';

/** Every topic that the daemon uses below its base, built here and nowhere else. */
export interface Topics {
  readonly base: string;
  /** What to subscribe to. */
  readonly subscriptions: readonly string[];
  /** `suffix` as in `battery/level`. */
  reading(car: string, suffix: string): string;
  state(car: string): string;
  /** Retained: the last final record. */
  lastCommand(car: string): string;
  result(car: string, command: string): string;
  action(car: string, actionId: string, metric: ActionMetric): string;
  readonly bridgeState: string;
  readonly bridgeInfo: string;
  readonly bridgeHealth: string;
  bridgeAccount(account: string): string;
  bridgeResponse(verb: string): string;
}

export type ActionMetric = 'status' | 'started_at' | 'completed_at' | 'error';

/** A topic that somebody asks something of us on. `car` and `name` are as received: nobody has looked at them yet. */
export type Request =
  | { readonly kind: 'command'; readonly car: string; readonly name: string }
  | { readonly kind: 'request'; readonly verb: string };

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const ACTION_ID = /^[A-Za-z0-9-]{1,64}$/;
const RESERVED = 'bridge';
const HASH_LENGTH = 16;

export function createTopics(base: string): Topics {
  const bridge = `${base}/${RESERVED}`;
  return {
    base,
    subscriptions: [`${base}/+/commands/+`, `${bridge}/request/+`],
    reading: (car, suffix) => `${base}/${car}/${suffix}`,
    state: (car) => `${base}/${car}/state`,
    lastCommand: (car) => `${base}/${car}/command`,
    result: (car, command) => `${base}/${car}/commands/${command}/result`,
    action: (car, actionId, metric) => `${base}/${car}/action/${actionLevel(actionId)}/${metric}`,
    bridgeState: `${bridge}/state`,
    bridgeInfo: `${bridge}/info`,
    bridgeHealth: `${bridge}/health`,
    bridgeAccount: (account) => `${bridge}/account/${accountLevel(account)}`,
    bridgeResponse: (verb) => `${bridge}/response/${verb}`,
  };
}

/** @returns null for a topic that is none of our subscriptions. */
export function parseTopic(base: string, topic: string): Request | null {
  if (!topic.startsWith(`${base}/`)) return null;
  const levels = topic.slice(base.length + 1).split('/');
  const [first, second, third] = levels;
  if (levels.length !== 3 || first === undefined || third === undefined) return null;
  if (first === RESERVED && second === 'request') return { kind: 'request', verb: third };
  if (second === 'commands') return { kind: 'command', car: first, name: third };
  return null;
}

/** Whether a car may be called so in topics: `[A-Za-z0-9_-]{1,64}`, and not `bridge`. */
export function isCarName(name: string): boolean {
  return NAME.test(name) && name !== RESERVED;
}

/** The car's level in topics: its id, or a hash of it where the id is not fit for a topic. */
export function carNameOf(vehicleId: string): string {
  return isCarName(vehicleId) ? vehicleId : hash(vehicleId);
}

function actionLevel(actionId: string): string {
  return ACTION_ID.test(actionId) ? actionId : hash(actionId);
}

function accountLevel(account: string): string {
  return NAME.test(account) ? account : hash(account);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}
