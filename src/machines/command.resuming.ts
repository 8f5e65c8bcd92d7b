import type { CommandContext, CommandInput, In, Patch } from './command.glossary.ts';
import type { Delivered, Drop, Start } from './domain/events.ts';
import { update } from './story.ts';

/** The words of a command's story about a control that an earlier run of the daemon sent: only the car decides. All pure. */

/** What was known of it when that run broke off. */
export const resumption = ({ resume }: CommandInput): Pick<CommandContext, 'calls' | 'acceptedAt' | 'actionId'> => {
  if (resume === undefined) return { calls: 0, acceptedAt: 0, actionId: null };
  const { calls } = resume;
  return resume.kind === 'confirm'
    ? { calls, acceptedAt: resume.acceptedAt, actionId: resume.actionId }
    : { calls, acceptedAt: resume.sentAt, actionId: null };
};
export const storeTurn = ({ event }: In<Delivered<Start>>): Patch => ({ resumedAt: event.at });

const ended = (context: CommandContext, reason: 'restarted' | 'shuttingDown', message: string): Patch => ({
  ending: { status: 'unknown', reason, message, attempts: context.calls, actionId: context.actionId },
});
export const endedUnasked = update(
  ({ context }: In<unknown>): Patch =>
    ended(context, 'restarted', 'The daemon restarted after it was sent; it may or may not have happened.'),
);
export const endedDroppedAfterSending = update(
  ({ context }: In<Delivered<Drop>>): Patch =>
    ended(context, 'shuttingDown', 'The daemon shut down after it was sent; it may or may not have happened.'),
);
