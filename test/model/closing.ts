import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { BRIDGE, FLEET } from '../../src/actors/addresses.ts';
import { bridgeMachine } from '../../src/machines/bridge.machine.ts';
import type { Address, Envelope } from '../../src/machines/domain/events.ts';
import { fleetMachine } from '../../src/machines/fleet.machine.ts';
import { exploreAlone, type LonelyStep } from './alone.ts';
import type { Coverage } from './coverage.ts';
import { SMALL } from './slice.ts';

/** The bridge and the fleet, each by itself: what they may hear in any order, and what must never come of it. */
const from = { from: 'somebody', at: 0 };
const BRIDGE_EVENTS: readonly AnyEventObject[] = [
  { type: 'BROKER_CONNECTED', protocolVersion: 5 },
  { type: 'BROKER_LOST', reason: 'gone' },
  { type: 'MESSAGE', ticket: 1 },
  { type: 'JOURNAL_READ' },
  { type: 'COMMAND_UNDERWAY', id: 'x', ...from },
  { type: 'COMMAND_SETTLED', id: 'x', ...from },
  { type: 'ACTION_BEGUN', id: 'x', actionId: 'y', acceptedAt: 0, ...from },
  { type: 'STATE_CHANGED', car: 'kona', ...from },
  { type: 'POLL_PLANNED', car: 'kona', inMs: 1, ...from },
  { type: 'ACCOUNT_CHANGED', account: 'main', ...from },
  { type: 'CARS_LISTED', account: 'main', cars: [], ...from },
  { type: 'VEHICLE_RESTARTED', account: 'main', car: null, ...from },
  { type: 'ALL_ANSWERED' },
  { type: 'SHUT_DOWN', ...from },
];
const died = (actorId: string) => ({ type: `xstate.error.actor.${actorId}`, actorId, error: 'a bug' });
const FLEET_EVENTS: readonly AnyEventObject[] = [
  died(BRIDGE),
  died('account/main'),
  { type: 'DRAINED', ...from },
  { type: 'SHUT_DOWN' },
];

export interface Alone {
  readonly name: string;
  readonly states: number;
  readonly edges: number;
  readonly address: Address;
  /** All that it ever says. */
  readonly says: readonly Envelope[];
  /** What is wrong, null if nothing is. */
  readonly wrong: string | null;
}

export function closings(coverage: Coverage): readonly Alone[] {
  const settings = { ...SMALL, restartLimit: 2 };
  const account = { settings, account: 'main', readAtStart: false, onlyCars: null };
  const bridge = exploreAlone(bridgeMachine, { settings }, BRIDGE_EVENTS, coverage);
  const fleet = exploreAlone(fleetMachine, { settings, accounts: [account] }, FLEET_EVENTS, coverage, 5);
  return [
    {
      name: 'the bridge, whatever it hears',
      address: BRIDGE,
      ...counted(bridge),
      wrong: first(bridge.steps, wrongOfBridge),
    },
    {
      name: 'the fleet, whatever it hears',
      address: FLEET,
      ...counted(fleet),
      wrong: first(fleet.steps, wrongOfFleet),
    },
  ];
}

const counted = ({ states, steps }: ReturnType<typeof exploreAlone>) => ({
  states,
  edges: steps.length,
  says: steps.flatMap(({ says }) => says),
});
function first(steps: readonly LonelyStep[], wrong: (step: LonelyStep) => string | null): string | null {
  for (const step of steps) {
    const what = wrong(step);
    if (what !== null) return `${JSON.stringify(step.before.value)} hears ${step.event.type}: ${what}`;
  }
  return null;
}

const isIn = (snapshot: AnyMachineSnapshot, part: string) => JSON.stringify(snapshot.value).includes(part);

function wrongOfBridge({ before, after, event, does }: LonelyStep): string | null {
  const isClosing = isIn(before, 'draining') || isIn(before, 'drained');
  if (isClosing && does.includes('takeMessage')) return 'it takes a message although it is closing.';
  if (event.type === 'MESSAGE' && !does.includes(isClosing ? 'refuseMessage' : 'takeMessage')) {
    return 'a message is neither taken nor refused.';
  }
  if (does.includes('send DRAINED') && isIn(before, 'drained')) return 'it says twice that everybody is answered.';
  return isClosing && !isIn(after, 'drain') ? 'it opens again.' : null;
}

function wrongOfFleet({ before, after, event, does }: LonelyStep): string | null {
  if (isIn(before, 'closing') && event.type === 'DRAINED' && after.status !== 'done') return 'it does not end.';
  const isBroken = isIn(after, 'broken');
  if (isBroken && event.type !== died(BRIDGE).type) return 'it ends although there is a bridge.';
  if (isIn(before, 'running') && after.status === 'done' && !isBroken) return 'it ends unasked.';
  return event.type.startsWith('xstate.error') && !does.includes('bury') ? 'a dead actor is not buried.' : null;
}
