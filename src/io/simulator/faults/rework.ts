import type { Exchange } from '../exchange.ts';
import { isHata } from '../guard.ts';
import type { Answer, Reply } from '../http/answer.ts';
import { json } from '../http/answer.ts';
import { concernedFaults } from './concern.ts';
import { invalidateDevice, maintenancePage, ownAnswer } from './effects.ts';
import type { Fault } from './schema.ts';

/** The record of the US cloud that says nothing yet. */
const PENDING = json(200, { status: 'PENDING' });

/** Faults on the way back: the call has taken effect, and its answer goes wrong. Refused calls are left alone. */
export async function meetOnTheWayBack(exchange: Exchange, answer: Answer): Promise<Answer> {
  let current = answer;
  for (const { fault, take } of concernedFaults(exchange)) {
    if (current.type !== 'reply' || current.status >= 400) return current;
    const reworked = rework(fault, exchange, current);
    if (reworked === null || !take()) continue;
    if (fault.type === 'latency') await exchange.cloud.sleeper.sleep(fault.ms);
    current = reworked();
  }
  return current;
}

function rework(fault: Fault, exchange: Exchange, reply: Reply): (() => Answer) | null {
  switch (fault.type) {
    case 'latency':
      return fault.afterEffect ? () => reply : null;
    case 'status':
      return fault.afterEffect ? () => ownAnswer(fault) : null;
    case 'html200':
      return fault.afterEffect ? maintenancePage : null;
    case 'hang':
      return fault.afterEffect ? () => ({ type: 'hang' }) : null;
    case 'cutAfter':
      return () => ({ type: 'cut' });
    case 'deviceIdInvalid':
      if (!fault.afterEffect) return null;
      return () => {
        invalidateDevice(exchange);
        return reply;
      };
    case 'recordsEmpty':
      return () => (isHata(exchange.match.route.admission) ? PENDING : withValue(reply, 'resMsg', []));
    case 'recordsNull':
      return () => (isHata(exchange.match.route.admission) ? PENDING : withoutResults(reply));
    case 'wrongShape':
      return () => withValue(reply, fault.path, fault.value);
    default:
      return null;
  }
}

/** The reply with one value of its JSON replaced. A path that leads nowhere changes nothing. */
function withValue(reply: Reply, path: string, value: unknown): Reply {
  if (reply.content.type !== 'json') return reply;
  const replaced = path === '' ? value : replaceAt(reply.content.value, path.split('.'), value);
  return { ...reply, content: { type: 'json', value: replaced } };
}

function replaceAt(node: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(node)) return node.map((item, at) => (String(at) === step ? replaceAt(item, rest, value) : item));
  if (typeof node !== 'object' || node === null) return node;
  const entries: Record<string, unknown> = { ...node };
  if (rest.length > 0 && !(step in entries)) return node;
  entries[step] = replaceAt(entries[step], rest, value);
  return entries;
}

function withoutResults(reply: Reply): Reply {
  if (reply.content.type !== 'json') return reply;
  const { value } = reply.content;
  if (typeof value !== 'object' || value === null || !('resMsg' in value) || !Array.isArray(value.resMsg)) return reply;
  const records = value.resMsg.map((record: unknown) => ({ ...(record as object), result: null }));
  return { ...reply, content: { type: 'json', value: { ...value, resMsg: records } } };
}
