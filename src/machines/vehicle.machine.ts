import { assign, setup } from 'xstate';
import type { CommandEnded } from './domain/events.ts';
import { effects, send, startTimers, stopTimers, update } from './story.ts';
import * as controls from './vehicle.controls.ts';
import * as endings from './vehicle.endings.ts';
import type { Birth, ReadKind, VehicleContext, VehicleEvent, VehicleInput } from './vehicle.glossary.ts';
import * as words from './vehicle.glossary.ts';
import * as news from './vehicle.news.ts';
import * as reads from './vehicle.reads.ts';
import * as taking from './vehicle.taking.ts';

/**
 * One car: the order of its work, and what is known of it.
 *
 * Hears   COMMAND from the bridge; COMMAND_DISPATCHED, COMMAND_TAKEN, STATE_READ, COMMAND_ENDED from its commands;
 *         SHUT_DOWN
 * Asks    its commands to start or to end
 * Promises
 *  - runs one control at a time, in order, and rests after one that no record confirmed
 *  - drops what a new control makes pointless, then joins the last equal one that still waits
 *  - makes one call of any number of waiting reads of one kind, for whom it is not too late; a read never waits behind a
 *    control, and one that somebody asked for never behind a read of its own that has not begun its call
 *  - answers every id once, also when a command dies; at its bounds it says so
 *  - never lets older data replace newer; reads again, a few times, what contradicts a control that the car confirmed
 *  - does not wake a car whose 12 V battery is low, unless the sender insists
 *  - polls when nothing was read for a while, and sooner if the read at the start failed: the cloud's memory only, and with
 *    the least right to a call
 */
const read = (kind: ReadKind) =>
  ({
    initial: 'idle',
    states: {
      idle: { always: { guard: { type: 'hasRead', params: { kind } }, target: 'reading' } },
      reading: {
        entry: [update(reads.startRead(kind)), send(reads.startReading(kind))],
        always: { guard: { type: 'isReadOver', params: { kind } }, target: 'idle' },
      },
    },
  }) as const;

export const vehicleMachine = setup({
  types: {
    context: {} as VehicleContext,
    events: {} as VehicleEvent,
    input: {} as VehicleInput,
  },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<VehicleContext>) => patch),
    /** Starts a command actor, waiting in `queued`. */
    spawn: (_, births: readonly Birth[]): void => {
      if (births.length > 0) throw new Error('A bare machine cannot spawn: src/actors provides this action.');
    },
    /** Forgets a command actor that has ended. */
    bury: (_, _numbers: readonly number[]): void => {},
    startTimers,
    stopTimers,
  },
  guards: {
    hasControl: ({ context }) => context.queue.some(({ dropped }) => !dropped),
    isControlOver: ({ context }) => context.running === null,
    needsRest: ({ context }, event: CommandEnded) => controls.needsRest(context, event),
    isUnderway: ({ context }, n: number) => controls.isUnderway(context, n),
    wantsNews: ({ context }, event: CommandEnded) => news.wantsNews(context, event),
    isNewsOver: ({ context }) => news.isOver(context),
    isNewsShown: ({ context }) => news.isShown(context),
    isNothingRead: ({ context: { cached } }) => cached.running === null && cached.waiting === null,
    hasRead: ({ context }, { kind }: { readonly kind: ReadKind }) => context[kind].waiting !== null,
    isPolling: ({ context }) => context.settings.pollIntervalMs > 0,
    isReadOver: ({ context }, { kind }: { readonly kind: ReadKind }) => context[kind].running === null,
  },
  delays: {
    settle: ({ context }) => context.settings.settleMs,
    readPause: ({ context }) => context.settings.readPauseMs,
    readAgainPause: ({ context }) => news.pauseMs(context),
    pollInterval: ({ context }) => reads.pollMs(context),
  },
}).createMachine({
  id: 'vehicle',
  type: 'parallel',
  context: ({ input }) => ({
    settings: input.settings,
    car: input.car,
    next: 1,
    running: null,
    queue: [],
    cached: { running: null, waiting: null },
    forced: { running: null, waiting: null },
    known: null,
    awaited: null,
    windowsMovedAt: 0,
    closing: false,
    born: null,
    answers: [],
    readAtStart: input.readAtStart,
    vainPolls: 0,
  }),
  entry: reads.firstRead,
  on: {
    COMMAND: { actions: taking.taken },
    COMMAND_TAKEN: { actions: [update(controls.storeAcceptance), send(controls.tellAction)] },
    COMMAND_DISPATCHED: { actions: [update(controls.markDispatched), send(controls.tellUnderway)] },
    COMMAND_ENDED: { actions: endings.settled },
    STATE_READ: { actions: reads.learned },
    WISH_OVER: { actions: reads.wishEnded },
    TOKEN_RESTARTED: { actions: send(words.passOn) },
    BREAKER_RESTARTED: { actions: send(words.passOn) },
    SHUT_DOWN: { actions: [update(words.close), send(words.dropWaiting)] },
    'xstate.error.actor.*': { actions: endings.died },
  },
  states: {
    controls: {
      initial: 'idle',
      states: {
        idle: { always: { guard: 'hasControl', target: 'busy' } },
        busy: {
          entry: [update(controls.startNext), send(controls.startRunning)],
          on: {
            COMMAND_ENDED: {
              guard: { type: 'needsRest', params: endings.ended },
              target: 'settling',
              actions: endings.settled,
            },
            'xstate.error.actor.*': {
              guard: { type: 'isUnderway', params: endings.dead },
              target: 'settling',
              actions: endings.died,
            },
          },
          always: { guard: 'isControlOver', target: 'idle' },
        },
        /** The cloud may still be busy with a command that no record confirmed. */
        settling: { after: { settle: 'idle' } },
      },
    },
    cachedReads: read('cached'),
    forcedReads: read('forced'),
    /** A confirmed control is followed by a read; several that follow each other closely by one. */
    news: {
      initial: 'none',
      on: {
        COMMAND_ENDED: {
          guard: { type: 'wantsNews', params: endings.ended },
          target: '.due',
          actions: [update(news.expect), ...endings.settled],
        },
      },
      states: {
        none: {},
        due: {
          after: { readPause: { target: 'awaited', actions: news.read } },
          on: {
            COMMAND_ENDED: {
              guard: { type: 'wantsNews', params: endings.ended },
              actions: [update(news.expect), ...endings.settled],
            },
          },
        },
        /** The cloud's memory may lag behind the car: as long as it says the opposite, it is read again, a few times. */
        awaited: {
          always: { guard: 'isNewsOver', target: 'none', actions: update(news.forget) },
          initial: 'reading',
          states: {
            reading: { always: { guard: 'isNothingRead', target: 'pausing' } },
            pausing: {
              after: {
                readAgainPause: [
                  { guard: 'isNewsShown', target: '#vehicle.news.none', actions: update(news.forget) },
                  { target: 'reading', actions: news.readAgain },
                ],
              },
            },
          },
        },
      },
    },
    /** Every reading, whoever wanted it, puts the next poll off. */
    polling: {
      initial: 'off',
      states: {
        off: { always: { guard: 'isPolling', target: 'waiting' } },
        waiting: {
          entry: send(reads.tellNextPoll),
          after: { pollInterval: { target: 'waiting', reenter: true, actions: reads.pollTaken } },
          on: { STATE_READ: { target: 'waiting', reenter: true, actions: reads.learned } },
        },
      },
    },
  },
});
