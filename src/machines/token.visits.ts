import type { In, Patch, RefreshEnded, TokenInput } from './token.glossary.ts';

/** The words of the token's story about its visits to `refreshing`: those that the server answered count. All pure. */

export const wasAnswered = ({ outcome }: RefreshEnded) => (outcome.ok ? outcome.asked : outcome.failure.answered);
export const countVisit = ({ context, event }: In<RefreshEnded>): Patch =>
  wasAnswered(event)
    ? { visits: context.visits + 1, nextSlot: (context.nextSlot + 1) % (context.settings.visitLimit + 1) }
    : {};
export const forgetVisit = ({ context }: In<unknown>): Patch => ({ visits: Math.max(0, context.visits - 1) });
/** At most `visitLimit` visits are remembered, so their number names the timer. */
const forgetIn = (delayMs: number, slot: number) => ({
  id: `visit${slot}`,
  delayMs,
  event: { type: 'VISIT_FORGOTTEN' },
});
export const visitTimer = ({ context, event }: In<RefreshEnded>) =>
  wasAnswered(event) ? [forgetIn(context.settings.visitWindowMs, context.nextSlot)] : [];
/** The newest that count, oldest first: more than the limit decide nothing, and each has a timer of its own. */
export const storedVisits = ({ settings, visitsForgottenInMs }: TokenInput): readonly number[] =>
  visitsForgottenInMs.toSorted((a, b) => a - b).slice(-settings.visitLimit);
export const storedVisitTimers = ({ context }: In<unknown>) => context.storedVisitsMs.map(forgetIn);
