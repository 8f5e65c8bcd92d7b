import { isSince, shows, showsInState } from './domain/confirmation.ts';
import type { CommandEnded, Delivered } from './domain/events.ts';
import { update } from './story.ts';
import type { In, Patch, VehicleContext } from './vehicle.glossary.ts';
import { spawned } from './vehicle.glossary.ts';
import { addOwnRead } from './vehicle.reads.ts';

/** The words of a vehicle's story about the reads that follow a confirmed control. All pure. */

/** The state is read again so often for one control: a cloud whose times never move costs no more calls than that. */
const REPEATS = 3;

export const wantsNews = ({ running }: VehicleContext, { n, confirmed }: CommandEnded) =>
  running?.n === n && confirmed === 'record';

/** What the car refused to do, or what no reading shows, leaves everything as it was: also what is awaited still. */
export const expect = ({ context: { running }, event }: In<Delivered<CommandEnded>>): Patch => {
  const isDone = event.ending.status === 'succeeded';
  if (running === null || running.command.name === 'refresh' || running.acceptedAt === null) return {};
  const { command, acceptedAt } = running;
  return isDone && showsInState(command) ? { awaited: { command, acceptedAt, repeats: 0 } } : {};
};

/** Also by a reading that came in another way. */
export const isOver = ({ awaited, known, closing }: VehicleContext): boolean => {
  if (awaited === null || awaited.repeats >= REPEATS || closing) return true;
  return known !== null && isSince(known, awaited.acceptedAt);
};
/** What shows the car as it was left contradicts nobody, however old it is. */
export const isShown = ({ awaited, known }: VehicleContext): boolean =>
  awaited !== null && known !== null && shows(known, awaited.command);
export const forget = (): Patch => ({ awaited: null });

/** ms. As the looks for a confirmation at first, then ever more seldom. */
export const pauseMs = ({ settings, awaited }: VehicleContext): number =>
  settings.lookEveryMs * 2 ** (awaited?.repeats ?? 0);
const countRepeat = ({ context: { awaited } }: In<unknown>): Patch =>
  awaited === null ? {} : { awaited: { ...awaited, repeats: awaited.repeats + 1 } };

export const read = [update(addOwnRead), spawned] as const;
export const readAgain = [update(countRepeat), ...read] as const;
