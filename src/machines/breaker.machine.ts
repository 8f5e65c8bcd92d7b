import { assign, setup } from 'xstate';
import type { BreakerContext, BreakerEvent, BreakerInput } from './breaker.glossary.ts';
import * as words from './breaker.glossary.ts';
import type { Delivered, ReportFailure } from './domain/events.ts';
import { effects, LONGEST_TIMER_MS, log, raiseEvents, send, startTimers, stopTimers, update } from './story.ts';

/**
 * The breaker guards the cloud of one account: nobody calls without its permit.
 *
 * Hears   REQUEST_PERMIT, CANCEL_PERMIT, HOLDER_GONE, REPORT_SUCCESS, REPORT_FAILURE, REPORT_IGNORED
 * Asks    the account for a probe, when it is half-open and nobody else wants to call
 * Promises
 *  - grants no permit while open, and one at most while half-open
 *  - lets only the probe's own report decide half-open
 *  - counts failures of the cloud, per class, and never an expired token or a car that hangs
 *  - tells whoever it denies how long it stays open from then on
 *  - bounds the calls in flight, per account and per car, and serves the line in order
 *  - gets every permit back: by a report, a cancellation, the death of its holder, or a time limit
 */
export const breakerMachine = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerInput,
  },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<BreakerContext>) => patch),
    raise: raiseEvents,
    startTimers,
    stopTimers,
  },
  guards: {
    lineIsFull: ({ context }) => context.line.length >= context.settings.lineLimit,
    opensNow: ({ context }, event: Delivered<ReportFailure>) => words.wouldOpen(context, event),
    isOut: ({ context }, permit: string) => context.out.some((out) => out.permit === permit),
    isProbe: ({ context }, permit: string) => words.isCurrentPermit(context, permit),
    provesCloudAlive: ({ context }, event: { readonly permit: string; readonly alive: boolean }) =>
      event.alive && words.isCurrentPermit(context, event.permit),
    canProbe: ({ context }) => !words.probeIsOut(context) && words.hasCandidate(context),
  },
  delays: {
    openTime: ({ context }) => Math.min(LONGEST_TIMER_MS, words.openTimeMs(context)),
  },
}).createMachine({
  id: 'breaker',
  context: ({ input }) => ({
    settings: input.settings,
    out: [],
    line: [],
    failures: { control: 0, read: 0, token: 0 },
    openings: 0,
    openForMs: null,
    openedAt: 0,
    granted: [],
  }),
  initial: 'closed',
  on: {
    // Whatever the state: what comes back makes room. The states below add what it decides.
    CANCEL_PERMIT: {
      actions: [update(words.cancel), { type: 'stopTimers', params: words.cancelledTimer }, ...words.next],
    },
    HOLDER_GONE: { actions: [update(words.forgetHolder), ...words.next] },
    REPORT_SUCCESS: { actions: words.returned },
    REPORT_FAILURE: { actions: words.returned },
    REPORT_IGNORED: { actions: words.returned },
    PERMIT_OVERDUE: {
      guard: { type: 'isOut', params: words.reported },
      actions: [log(words.overdue), update(words.takeBack), ...words.next],
    },
    REQUEST_PERMIT: [
      { guard: 'lineIsFull', actions: send(words.denyForLength) },
      { actions: [update(words.joinLine), ...words.next] },
    ],
  },
  states: {
    closed: {
      entry: [update(words.closeUp), words.tell('closed'), send(words.tellClosed), ...words.next],
      on: {
        SERVE: { actions: [update(words.serve), ...words.granted] },
        REPORT_SUCCESS: { actions: [update(words.countSuccess), ...words.returned] },
        REPORT_FAILURE: [
          {
            guard: { type: 'opensNow', params: words.thisEvent },
            target: 'open',
            actions: words.verdictOpen,
          },
          { actions: [update(words.countFailure), ...words.returned] },
        ],
      },
    },

    open: {
      entry: [
        update(words.openUp),
        words.tell('open'),
        send(words.denyLine),
        update(words.emptyLine),
        log(words.opened),
      ],
      after: { openTime: { target: 'halfOpen', actions: update(words.forgetWait) } },
      on: {
        REQUEST_PERMIT: { actions: send(words.denyAsker) },
      },
    },

    halfOpen: {
      entry: [log(words.halfOpened), words.tell('halfOpen'), send(words.wantProbe), ...words.next],
      on: {
        SERVE: { guard: 'canProbe', actions: [update(words.grantProbe), ...words.granted] },
        REPORT_SUCCESS: [
          {
            guard: { type: 'isProbe', params: words.reported },
            target: 'closed',
            actions: words.verdictClosed,
          },
          { actions: words.returned },
        ],
        REPORT_FAILURE: [
          {
            guard: { type: 'isProbe', params: words.reported },
            target: 'open',
            actions: words.verdictOpen,
          },
          { actions: words.returned },
        ],
        REPORT_IGNORED: [
          {
            guard: { type: 'provesCloudAlive', params: words.thisEvent },
            target: 'closed',
            actions: words.verdictClosed,
          },
          { actions: [...words.returned, send(words.wantProbe)] },
        ],
        CANCEL_PERMIT: {
          actions: [
            update(words.cancel),
            { type: 'stopTimers', params: words.cancelledTimer },
            send(words.wantProbe),
            ...words.next,
          ],
        },
        HOLDER_GONE: { actions: [update(words.forgetHolder), send(words.wantProbe), ...words.next] },
        PERMIT_OVERDUE: {
          guard: { type: 'isOut', params: words.reported },
          actions: [log(words.overdue), update(words.takeBack), send(words.wantProbe), ...words.next],
        },
      },
    },
  },
});
