import type { AnyEventObject } from 'xstate';
import type { ProtocolEvent } from '../../machines/domain/events.ts';
import type { ToldEvent } from './observation.ts';

/** Which fields of which event may be seen. An event that is not listed here shows its type, and nothing else. */

type Fields = Omit<ToldEvent, 'type'>;
type ByType<E extends ProtocolEvent> = { readonly [T in E['type']]: (event: Extract<E, { type: T }>) => Fields };

const nothing = (): Fields => ({});
const requestOf = ({ request }: { readonly request: string }): Fields => ({ request });
const permitOf = ({ permit }: { readonly permit: string }): Fields => ({ permit });
const idOf = ({ id }: { readonly id: string }): Fields => ({ id });

/** A new event of the protocol does not compile before somebody has decided here what of it may be seen. */
const PROTOCOL: ByType<ProtocolEvent> = {
  REQUEST_TOKEN: requestOf,
  REFRESH: ({ request, generation, scope }) => ({ request, generation, scope }),
  TOKEN_REJECTED: ({ generation, scope }) => ({ generation, scope }),
  TOKEN_WORKED: ({ generation, scope }) => ({ generation, scope }),
  CANCEL_TOKEN: requestOf,
  BREAKER_CLOSED: nothing,
  SESSION_CHANGED: ({ generation, lifetimeMs }) => ({ generation, lifetimeMs }),
  TOKEN_READY: ({ request, generation }) => ({ request, generation }),
  TOKEN_FAILED: ({ request, reason, retryAfterMs }) => ({ request, reason, retryAfterMs }),
  TOKEN_CHANGED: ({ state, generation, reason, retryAt }) => ({ state, generation, reason, retryAt }),
  REQUEST_PERMIT: ({ request, callClass, patient }) => ({ request, callClass, patient: patient ?? false }),
  CANCEL_PERMIT: requestOf,
  HOLDER_GONE: ({ holder }) => ({ holder }),
  REPORT_SUCCESS: permitOf,
  REPORT_FAILURE: ({ permit, openForMs }) => ({ permit, openForMs }),
  REPORT_IGNORED: ({ permit, alive }) => ({ permit, alive }),
  PERMIT_GRANTED: ({ request, permit }) => ({ request, permit }),
  PERMIT_DENIED: ({ request, reason, retryAfterMs }) => ({ request, reason, retryAfterMs }),
  PROBE_WANTED: nothing,
  BREAKER_CHANGED: ({ state, openForMs }) => ({ state, openForMs }),
  COMMAND: ({ id, command, expiresInMs }) => ({ id, command: command.name, expiresInMs }),
  START: ({ purpose, patient }) => ({ purpose: purpose ?? 'needed', patient: patient ?? false }),
  DROP: ({ reason }) => ({ reason }),
  MESSAGE_EXPIRED: nothing,
  COMMAND_DISPATCHED: ({ n }) => ({ n }),
  STATE_READ: ({ method }) => ({ method }),
  CARS_READ: ({ cars }) => ({ cars: cars.length }),
  COMMAND_TAKEN: ({ n, actionId, acceptedAt }) => ({ n, actionId, acceptedAt }),
  COMMAND_ENDED: ({ n, ending, confirmed }) => ({ n, status: ending.status, reason: ending.reason, confirmed }),
  COMMAND_SETTLED: ({ id, ending }) => ({
    id,
    status: ending.status,
    reason: ending.reason,
    attempts: ending.attempts,
    joined: ending.joined ?? null,
  }),
  COMMAND_UNDERWAY: idOf,
  ACTION_BEGUN: ({ id, actionId, acceptedAt }) => ({ id, actionId, acceptedAt }),
  STATE_CHANGED: ({ method }) => ({ method }),
  POLL_PLANNED: ({ inMs }) => ({ inMs }),
  TOKEN_RESTARTED: nothing,
  BREAKER_RESTARTED: nothing,
  CARS_LISTED: ({ cars }) => ({ cars: cars.length }),
  VEHICLE_RESTARTED: ({ car }) => ({ car }),
  ACCOUNT_CHANGED: ({ status }) => ({
    token: status.token.state,
    generation: status.token.generation,
    breaker: status.breaker.state,
    cars: status.cars,
    reason: status.reason,
  }),
  SHUT_DOWN: nothing,
  DRAINED: nothing,
};

interface CallEnd {
  readonly ok?: boolean;
  readonly value?: { readonly type: string };
  readonly failure?: { readonly kind: string };
  readonly generation?: number;
  readonly tookMs?: number;
}

/** How a call ended, without what it answered. */
function endOf(output: unknown): Fields {
  if (typeof output !== 'object' || output === null) return {};
  const { ok, value, failure, generation, tookMs } = output as CallEnd;
  return {
    ...(ok === undefined ? {} : { ok }),
    ...(value === undefined ? {} : { answer: value.type }),
    ...(failure === undefined ? {} : { failure: failure.kind }),
    ...(generation === undefined ? {} : { generation }),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
}

const DONE = 'xstate.done.actor';
const DIED = 'xstate.error.actor';

/** The type of an event, without the name of the actor that XState adds to some. */
export function toldType(type: string): string {
  if (type.startsWith(DONE)) return DONE;
  return type.startsWith(DIED) ? DIED : type;
}

/** What may be seen of an event. Throws if the event is not what its type says. */
export function toldEvent(event: AnyEventObject): ToldEvent {
  const type = toldType(event.type);
  if (type === DONE) return { type, ...endOf(event.output) };
  if (type === DIED) return { type, actor: String(event.actorId) };
  if (type === 'MESSAGE') return { type, ticket: Number(event.ticket) };
  if (type === 'BROKER_CONNECTED') return { type, protocolVersion: Number(event.protocolVersion) };
  if (!isOfProtocol(type)) return { type };
  const fieldsOf = PROTOCOL[type] as (event: unknown) => Fields;
  return { type, ...fieldsOf(event) };
}

function isOfProtocol(type: string): type is ProtocolEvent['type'] {
  return Object.hasOwn(PROTOCOL, type);
}
