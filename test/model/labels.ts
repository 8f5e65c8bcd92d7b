import type { Command } from '../../src/machines/domain/command.ts';
import type { Step } from './acts.ts';
import { shortName } from './addresses.ts';
import { type Flight, requestOf } from './cloud.ts';
import type { Timer } from './local.ts';
import { orderId, type Slice } from './slice.ts';

/** A step in words, for people. */
export function labelOf({ act }: Step, slice: Slice): string {
  switch (act.type) {
    case 'deliver': {
      const { from, to, messages } = act.channel;
      return `${shortName(from)} → ${shortName(to)}: ${messages[0]?.event.type}`;
    }
    case 'order': {
      const order = slice.orders[act.at];
      if (order === undefined) return '';
      const what = order.resume === undefined ? 'ordered' : 'taken up again';
      return `${orderId(slice, act.at)} is ${what}: ${wish(order.command)} for ${order.car}`;
    }
    case 'end':
      return `${callOf(act.flight)} ends: ${act.ending.label}${act.losesReport ? ', and its report gets lost' : ''}`;
    case 'hang':
      return `${callOf(act.flight)} hangs${act.delivers ? ', it took effect' : ''}`;
    case 'expire':
      return 'the server revokes the tokens';
    case 'fire':
      return `${shortName(act.address)}: ${timerName(act.timer)} is over${act.early ? ' early' : ''}`;
    case 'die':
      return `${shortName(act.address)} dies`;
    case 'tell':
      return act.event.type === 'SHUT_DOWN'
        ? `${shortName(act.to)} is shut down`
        : `${shortName(act.to)} is told that the refused token is ready`;
    case 'login':
      return `a person logs in beside the daemon: token ${act.generation}`;
  }
}

const wish = (command: Command): string => {
  if (command.name === 'lock') return command.action;
  return command.name === 'refresh' ? `${command.name} ${command.mode}` : command.name;
};
const timerName = ({ id }: Timer): string => id.replace(/^xstate\.after\./, '').replace(/\..*$/, '');
const SESSION_CALLS: Readonly<Record<string, string>> = { renewSession: 'the refresh', logIn: 'the login' };
/** `the read of kona/1`, `the refresh`. */
const callOf = ({ address, call }: Flight): string =>
  SESSION_CALLS[call.src] ?? `the ${NOUNS[call.src] ?? requestOf(call)?.type ?? call.src} of ${shortName(address)}`;
const NOUNS: Readonly<Record<string, string>> = { registerDevice: 'registration', readList: 'list' };
