import type { CallResult, CarInfo, CloudCall } from '../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../src/machines/domain/failure.ts';
import type { CallOutcome, RegistrationOutcome, TokenUse } from '../../src/machines/domain/outcome.ts';
import type { Reading } from '../../src/machines/domain/vehicle-state.ts';
import type { Renewal } from '../../src/machines/token.glossary.ts';
import { readingWith } from '../support/vehicle-states.ts';
import type { Call } from './local.ts';

/**
 * The cloud and our gateway to it, as the exploration imagines them: which token is in hand, which ones the server takes,
 * which controls took effect. Everything that may go wrong costs a unit of a budget.
 */
export const DISTURBANCES = [
  /** The server revokes every token that it has given out. */
  'expiry',
  /** A token error although the token is good: only that car is refused. */
  'spuriousRefusal',
  /** The next fresh token is refused from the beginning. */
  'poison',
  /** A call meets a cloud that is down. */
  'callFault',
  /** A refresh or login meets a cloud that is down. */
  'refreshFault',
  /** The grant is dead: only a login helps. */
  'grantRefused',
  /** The gateway's call ends with an error of our own. */
  'crash',
  /** A call never ends by itself. */
  'hang',
  /** A timer fires although other things could still happen. */
  'race',
  /** The renewal timer of a good session fires. */
  'renewal',
  /** A command actor dies. */
  'death',
  /** The token or the breaker dies, and the account starts it anew. */
  'restart',
  /** A car's actor dies, and the account starts it anew. */
  'carDeath',
  /** A vehicle is told to shut down, or the account, where there is one. */
  'shutdown',
  /** A car is due for a poll. */
  'poll',
  /** A visit or a restart is old enough to be forgotten. */
  'forget',
  /** A person logs in beside the daemon: there is a newer session. */
  'login',
  /** A login is refused until a person acts. */
  'credentials',
  /** Our own budget of logins is spent. */
  'loginBudget',
  /** A call is refused for what it asks. */
  'refusal',
  /** The gateway's own time limit ends a call. */
  'timeout',
  /** "Duplicate request". */
  'busy',
  /** The cloud has forgotten our device. */
  'device',
  /** The answer to a control is lost. */
  'lost',
  /** A control is refused for its token, its device or its busy car, in a way that leaves open whether the car has it. */
  'doubt',
  /** An action record without a word, or with another one than `success`. */
  'word',
  /** A reading from before the control. */
  'stale',
  /** A car that is asked itself does not answer. */
  'asleep',
  /** A bug elsewhere: the report of a call gets lost, so that its permit never comes back by itself. */
  'lostReport',
  /** A bug elsewhere: whoever waits for a newer token is told that the refused one is ready. */
  'misanswer',
] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

export interface Cloud {
  /** The token in the gateway's hand. */
  readonly generation: number;
  /** The generations that the server takes, as bits. */
  readonly good: number;
  /** What the last control that reached each car made of it: `a lock`. */
  readonly done: readonly string[];
  readonly cars: readonly CarInfo[];
}

/** A call that runs. */
export interface Flight {
  readonly address: string;
  readonly call: Call;
  /** The token that it was made with. */
  readonly generation: number;
  readonly goodAtStart: boolean;
  readonly hangs: boolean;
}

/** One way in which a call may end. */
export interface Ending {
  readonly label: string;
  readonly cost: Disturbance | null;
  /** Undefined: it throws. */
  readonly output: CallOutcome | RegistrationOutcome | Renewal | undefined;
  readonly cloud: Cloud;
  /** A control reached the car. */
  readonly delivers: boolean;
}

export const isGood = ({ good }: Cloud, generation: number): boolean => ((good >> generation) & 1) === 1;
export const isSessionCall = ({ src }: Call): boolean => src === 'renewSession' || src === 'logIn';
export const requestOf = ({ input }: Call): CloudCall | null =>
  typeof input === 'object' && input !== null && 'call' in input ? (input.call as CloudCall) : null;

const failure = (kind: CloudFailure['kind'], more: Partial<CloudFailure> = {}): CloudFailure => ({
  kind,
  message: `${kind}.`,
  cause: 'model',
  reached: 'no',
  answered: false,
  retryAfterMs: null,
  ...more,
});

export function endingsOf(flight: Flight, cloud: Cloud): readonly Ending[] {
  const crash: Ending = { label: 'throws', cost: 'crash', output: undefined, cloud, delivers: false };
  if (flight.hangs) return [];
  return [...knownEndings(flight, cloud), crash];
}

function knownEndings(flight: Flight, cloud: Cloud): Ending[] {
  if (flight.call.src === 'registerDevice') return registrationEndings(cloud);
  return isSessionCall(flight.call) ? sessionEndings(flight, cloud) : callEndings(flight, cloud);
}

function registrationEndings(cloud: Cloud): Ending[] {
  const end = (label: string, cost: Disturbance | null, output: RegistrationOutcome): Ending => ({
    label,
    cost,
    output,
    cloud,
    delivers: false,
  });
  return [
    end('registered', null, { ok: true, asked: true }),
    end('outage', 'callFault', { ok: false, failure: failure('cloudUnavailable'), asked: true }),
  ];
}

function sessionEndings({ call }: Flight, cloud: Cloud): Ending[] {
  const delivers = false;
  const generation = cloud.generation + 1;
  const renewed = (good: number): Cloud => ({ ...cloud, generation, good });
  const obtained = { ok: true as const, generation, lifetimeMs: 86_400_000, asked: true, tookMs: 0 };
  const refused = (kind: CloudFailure['kind'], answered: boolean) => ({
    ok: false as const,
    failure: failure(kind, { answered }),
    tookMs: 0,
  });
  const start = typeof call.input === 'object' && call.input !== null && 'start' in call.input && call.input.start;
  const endings: Ending[] = [
    // Our clock still trusts the stored session, even if the server has revoked it.
    start === true
      ? {
          label: 'stored session',
          cost: null,
          output: { ...obtained, generation: cloud.generation, asked: false },
          cloud,
          delivers,
        }
      : {
          label: `token ${generation}`,
          cost: null,
          output: obtained,
          cloud: renewed(cloud.good | (1 << generation)),
          delivers,
        },
    {
      label: `token ${generation}, refused from the beginning`,
      cost: 'poison',
      output: obtained,
      cloud: renewed(cloud.good),
      delivers,
    },
    { label: 'outage', cost: 'refreshFault', output: refused('cloudUnavailable', false), cloud, delivers },
  ];
  const refusals =
    call.src === 'renewSession'
      ? ([['grantRefused', 'grantRefused', true]] as const)
      : ([
          ['credentials', 'credentialsRejected', true],
          ['loginBudget', 'loginBudget', false],
        ] as const);
  for (const [cost, kind, answered] of refusals) {
    endings.push({ label: kind, cost, output: refused(kind, answered), cloud, delivers });
  }
  return endings;
}

function callEndings(flight: Flight, cloud: Cloud): Ending[] {
  const token: TokenUse = { generation: flight.generation, scope: 'access' };
  const goodNow = isGood(cloud, flight.generation);
  const ok = (label: string, value: CallResult, cost: Disturbance | null = null, after = cloud): Ending[] =>
    // It may have been answered before the token was revoked.
    goodNow || flight.goodAtStart
      ? [{ label, cost, output: { ok: true, value, token }, cloud: after, delivers: after !== cloud }]
      : [];
  const not = (label: string, cost: Disturbance | null, why: CloudFailure, after = cloud): Ending => ({
    label,
    cost,
    output: { ok: false, failure: why, token },
    cloud: after,
    delivers: after !== cloud,
  });
  const refused = not('token refused', goodNow ? 'spuriousRefusal' : null, failure('tokenRefused', { answered: true }));
  const down = [
    not('outage', 'callFault', failure('cloudUnavailable')),
    not('refused for what it asks', 'refusal', failure('unsupported', { answered: true })),
    not('time-out', 'timeout', failure('timeout')),
    not('invalid device id', 'device', failure('deviceIdInvalid', { answered: true })),
  ];
  const request = requestOf(flight.call) ?? { type: 'list' as const };
  switch (request.type) {
    case 'list':
      return [...ok('list', { type: 'list', cars: cloud.cars }), refused, ...down];
    case 'read':
      return [
        ...ok('state', { type: 'reading', reading: readingOf(cloud, request.car, request.source, 0) }),
        ...ok(
          'old state',
          { type: 'reading', reading: readingOf(cloud, request.car, request.source, -10_000) },
          'stale',
        ),
        refused,
        ...down,
        ...(request.source === 'forced'
          ? [not('the car does not answer', 'asleep', failure('carUnreachable', { answered: true }))]
          : []),
      ];
    case 'record':
      return [
        ...(['success', 'fail', 'nonResponse', 'pending', 'missing'] as const).flatMap((word) =>
          ok(`record: ${word}`, { type: 'record', word }, word === 'success' ? null : 'word'),
        ),
        refused,
        ...down,
      ];
    case 'control': {
      const took = tookEffect(cloud, request);
      const maybe = { reached: 'maybe' } as const;
      const lost = failure('timeout', maybe);
      const doubted = (['tokenRefused', 'deviceIdInvalid', 'carBusy'] as const).flatMap((kind) => {
        const why = failure(kind, { ...maybe, answered: true });
        return [
          not(`${kind} in doubt, it took effect`, 'doubt', why, took),
          not(`${kind} in doubt, no effect`, 'doubt', why),
        ];
      });
      return [
        ...ok('accepted', { type: 'accepted', actionId: 'action', acceptedAt: 0 }, null, took),
        ...ok('accepted without an action id', { type: 'accepted', actionId: null, acceptedAt: 0 }, 'word', took),
        refused,
        ...down,
        not('duplicate request', 'busy', failure('carBusy', { answered: true })),
        not('answer lost, it took effect', 'lost', lost, took),
        not('answer lost, no effect', 'lost', lost),
        ...doubted,
      ];
    }
  }
}

type ControlCall = Extract<CloudCall, { readonly type: 'control' }>;
export function tookEffect(cloud: Cloud, { car, command }: ControlCall): Cloud {
  // Of the others nobody could see anything afterwards.
  if (command.name !== 'lock') return { ...cloud };
  const others = cloud.done.filter((known) => !known.startsWith(`${car} `));
  return { ...cloud, done: [...others, `${car} ${command.action}`].sort() };
}

/** The part of a reading that the machines look at; `at` is the car's own time, epoch ms. */
function readingOf({ done }: Cloud, car: string, source: Reading['source'], at: number): Reading {
  const locked = done.includes(`${car} lock`);
  return readingWith({ locked, last_updated_utc: new Date(at).toISOString() }, { source, fetchedAt: 0 });
}
