import type { CommandContext } from '../../../src/machines/command.glossary.ts';
import { shortName } from '../addresses.ts';
import { DISTURBANCES, type Disturbance } from '../cloud.ts';
import type { Local } from '../local.ts';
import type { Slice } from '../slice.ts';
import type { Happening, Scene } from '../world.ts';
import { contextOf, type Invariant, read } from './kit.ts';

/** What befalls one car only. */
const LOCAL: ReadonlySet<Disturbance> = new Set(['hang', 'crash', 'death', 'carDeath', 'asleep']);

interface Harm {
  /** The cars that something has befallen; `everybody` if it was a call of the account itself. */
  readonly hurt: readonly string[];
  /** A command that did not succeed although nothing had befallen its car. */
  readonly lost: string;
}
const UNHARMED: Harm = { hurt: [], lost: '' };
const EVERYBODY = 'everybody';

/** `account/main/vehicle/a/command/1`: `a`. */
const carAt = (address: string): string => address.split('/')[3] ?? EVERYBODY;

function befallen({ aborted, finished, event, address }: Happening): string[] {
  const hung = aborted.filter(({ hangs }) => hangs).map((flight) => carAt(flight.address));
  const crashed = finished !== null && event.type.startsWith('xstate.error.actor.') ? [carAt(address)] : [];
  if (event.type === 'HOLDER_GONE') return [...hung, ...crashed, carAt(String(event.holder))];
  if (event.type.startsWith('xstate.error.actor.') && finished === null) {
    const child = `${address}/${event.type.slice('xstate.error.actor.'.length)}`;
    return [...hung, ...crashed, carAt(child)];
  }
  const asleep = finished === null ? [] : reasonOf(event.output) === 'carUnreachable' ? [carAt(address)] : [];
  return [...hung, ...crashed, ...asleep];
}

function reasonOf(output: unknown): string | undefined {
  return (output as { readonly failure?: { readonly kind: string } } | undefined)?.failure?.kind;
}

const WAITS = /(awaitingToken|awaitingPermit|refreshingToken)$/;

/** A car that hangs, or an actor that throws, delays or ends no other car's command. */
export const isolation: Invariant = {
  name: 'isolation',
  promise: 'A car that hangs, throws, sleeps or dies delays or ends no command of another car.',
  onEvent: (happening, ghost) => {
    const more = befallen(happening);
    const ending = happening.sends.find(({ event }) => event.type === 'COMMAND_ENDED')?.event.ending as
      | { readonly status: string; readonly reason: string | null }
      | undefined;
    const failed =
      ending !== undefined &&
      ending.status !== 'succeeded' &&
      ending.status !== 'rejected' &&
      // The account's own bounds are told of.
      ending.reason !== 'queueFull';
    if (more.length === 0 && !failed) return ghost;
    const before = read<Harm>(ghost, UNHARMED);
    const hurt = [...new Set([...before.hurt, ...more])].sort();
    const car = carAt(happening.address);
    const isLost = failed && before.lost === '' && !hurt.includes(car) && !hurt.includes(EVERYBODY);
    const lost = isLost ? `${shortName(happening.address)} ends ${ending.status} (${ending.reason})` : before.lost;
    return JSON.stringify({ hurt, lost });
  },
  onState: (world, slice, ghost) => {
    if (!isHarmLocal(world, slice)) return null;
    const { lost, hurt } = read<Harm>(ghost, UNHARMED);
    if (lost !== '') return `${lost}, although only other cars (${hurt.join(', ')}) were disturbed.`;
    return delayed(world, slice);
  },
};

const isHarmLocal = ({ budgets }: Scene, slice: Slice): boolean =>
  !slice.fromStart && DISTURBANCES.every((name) => LOCAL.has(name) || budgets[name] === (slice.budgets[name] ?? 0));

/** While nothing moves but time, and calls to some cars hang, no command of another car may wait for anybody. */
function delayed({ flights, channels, actors }: Scene, { settings }: Slice): string | null {
  if (flights.length === 0 || channels.length > 0 || flights.some(({ hangs }) => !hangs)) return null;
  if (flights.length >= Math.min(settings.callsInFlight, settings.carReadsInFlight)) return null;
  const hanging = new Set(flights.map(({ address }) => carAt(address)));
  if (hanging.has(EVERYBODY)) return null;
  for (const [address, local] of actors) {
    if (local.kind !== 'command' || hanging.has(carAt(address)) || !WAITS.test(local.value)) continue;
    return `${shortName(address)} (${nameOf(local)}) waits in ${local.value} while ${[...hanging].join(', ')} hangs.`;
  }
  return null;
}
const nameOf = (local: Local): string => contextOf<CommandContext>(local).command.name;
