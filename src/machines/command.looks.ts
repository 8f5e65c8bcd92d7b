import { reportUnder, storeUse, tellResult } from './command.calls.ts';
import type { CallEnded, CommandContext, In, Patch } from './command.glossary.ts';
import { askPermit, isControl, timer } from './command.glossary.ts';
import type { CloudCall, RecordWord } from './domain/command.ts';
import { confirmationMs, deservesForcedRead, isRecorded, showsInState } from './domain/confirmation.ts';
import type { CallClass } from './domain/failure.ts';
import type { CallOutcome } from './domain/outcome.ts';
import { send, update } from './story.ts';

/** The words of a command's story about its confirmation (command.confirming.ts): looks at record, state and car. All pure. */

// ── A look ──────────────────────────────────────────────────────────────────────────────────────────────────────────
const lookOf = ({ look, car, actionId }: CommandContext): CloudCall => {
  if (car === null) return { type: 'list' };
  if (look === 'record' && actionId !== null) return { type: 'record', car, actionId };
  return { type: 'read', car, source: look === 'forced' ? 'forced' : 'cached' };
};
const lookClass = ({ look }: CommandContext): CallClass => (look === 'forced' ? 'carRead' : 'read');
export const theLook = ({ context }: In<unknown>) => ({
  call: lookOf(context),
  commandId: context.id,
  attempt: context.retried ? 2 : 1,
  purpose: 'needed' as const,
});
export const beginLook = ({ context }: In<unknown>): Patch => ({
  looks: context.looks + 1,
  look: context.actionId === null ? 'cached' : 'record',
  retried: false,
});
export const lookAtState = (): Patch => ({ look: 'cached', retried: false });
export const lookAtCar = (): Patch => ({ look: 'forced', retried: false });
export const storeWord = ({ event }: In<CallEnded>): Patch =>
  event.outcome.ok && event.outcome.value.type === 'record' ? { word: event.outcome.value.word } : {};
export const allowRegistration = (): Patch => ({ reregistered: false });
export const requestLookPermit = ({ context }: In<unknown>) => askPermit(context, lookClass(context));
export const reportLook = ({ context, event }: In<CallEnded>) => reportUnder(context, event, lookClass(context));

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
/** A record that is missing may still come, at first. Later on it may be that the cloud has forgotten our device. */
const isRecordLost = ({ command, looks }: CommandContext, outcome: CallOutcome) =>
  outcome.ok &&
  outcome.value.type === 'record' &&
  outcome.value.word === 'missing' &&
  looks >= 3 &&
  isControl(command) &&
  isRecorded(command);
export const mayHaveLostDevice = (context: CommandContext, outcome: CallOutcome) =>
  !context.reregistered && (outcome.ok ? isRecordLost(context, outcome) : outcome.failure.kind === 'deviceIdInvalid');
const isVisible = ({ command }: CommandContext) => isControl(command) && showsInState(command);
/** From the third look on, or where no record has our id, the state is read besides, if it can show anything. */
export const wantsState = (context: CommandContext, word: RecordWord) =>
  isVisible(context) && (word === 'missing' || word === 'nonResponse' || context.looks >= 3);
/** No record will ever tell, and no reading can. */
export const isOutOfSight = (context: CommandContext) => context.actionId === null && !isVisible(context);
export const mayWakeCar = (context: CommandContext) =>
  isControl(context.command) && context.look !== 'forced' && deservesForcedRead(context.command);
export const lookPauseMs = ({ settings, looks }: CommandContext): number => {
  const at = (look: number) => settings.lookAfterMs[look];
  const next = at(looks);
  return next === undefined ? settings.lookEveryMs : next - (looks === 0 ? 0 : (at(looks - 1) ?? 0));
};

// ── Timers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export const confirmationTimer = () => ['confirmation'];
const confirmationLeftMs = ({ command, settings, acceptedAt, resumedAt }: CommandContext): number => {
  const wholeMs = isControl(command) ? confirmationMs(command, settings) : settings.otherConfirmMs;
  if (resumedAt === null) return wholeMs;
  // However long the daemon was away, one look is made.
  const oneLookMs = (settings.lookAfterMs[0] ?? 0) + settings.callTimeoutMs;
  return Math.max(Math.min(wholeMs, acceptedAt + wholeMs - resumedAt), oneLookMs);
};
export const confirmTimer = ({ context }: In<unknown>) => [
  timer('confirmation', confirmationLeftMs(context), 'CONFIRM_OVER'),
];
export const lastLookTimer = ({ context: { settings } }: In<unknown>) => [
  timer('confirmation', settings.tokenWaitMs + settings.permitWaitMs + settings.forcedReadTimeoutMs, 'CONFIRM_OVER'),
];

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const toldLook = [send(reportLook), update(storeUse), update(storeWord), send(tellResult)] as const;
