import type { Control } from './domain/command.ts';
import type { CommandReceived, Delivered } from './domain/events.ts';
import { completeWindows } from './domain/fit.ts';
import { send, update } from './story.ts';
import * as controls from './vehicle.controls.ts';
import type { In, Patch, VehicleContext } from './vehicle.glossary.ts';
import { answer, end, spawned, tellAnswers, wishOf } from './vehicle.glossary.ts';
import * as reads from './vehicle.reads.ts';

/** The words of a vehicle's story about what comes in: a command is taken, or answered at once. All pure. */

const WINDOWS_UNKNOWN =
  'Where the windows that are not named are now is not known: name all four, or read the car first.';
/** Only the car's state tells where the windows are that the sender did not name. */
function completed({ known, running, windowsMovedAt }: VehicleContext, command: Control, now: number): Control | null {
  if (command.name !== 'windows') return command;
  return completeWindows(command, running?.command.name === 'windows' ? null : known, windowsMovedAt, now);
}

export const take = ({ context, event }: In<Delivered<CommandReceived>>): Patch => {
  const { command, id, receivedAt, waitedMs, resume } = event;
  if (resume !== undefined && command.name !== 'refresh') return controls.takeUp(context, command, id, resume);
  if (context.closing) return answer(id, end('rejected', 'shuttingDown', 'The daemon is shutting down.'));
  if (command.name !== 'refresh') {
    const complete = completed(context, command, receivedAt);
    return complete === null
      ? answer(id, end('rejected', 'invalidOption', WINDOWS_UNKNOWN))
      : controls.enqueue(context, complete, event);
  }
  if (reads.isYoungEnough(context, command, receivedAt)) {
    return answer(id, end('succeeded', null, 'The known state is young enough.'));
  }
  if (!reads.isFitForWaking(context, command)) return answer(id, reads.batteryLow(context));
  return reads.addRead(context, command, wishOf(id, command.override === true ? 'needed' : 'asked', waitedMs));
};
export const taken = [
  update(take),
  { type: 'startTimers' as const, params: reads.wishTimers },
  spawned,
  send(tellAnswers),
  send(controls.dropPointless),
  send(reads.hurry),
] as const;
