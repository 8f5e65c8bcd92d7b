import type { FaultInput } from '../../src/io/simulator/faults/schema.ts';
import { CARS } from './cast.ts';
import type { Chance } from './chance.ts';
import type { CrashPoint, World } from './world.ts';

/** Something that goes wrong, and for how long. */
export interface Trouble {
  readonly kind: string;
  /** Whom it concerns; null: everybody. */
  readonly car: string | null;
  readonly lastsMs: number;
  /** Begins it. Whatever it does must be over by itself, or by `heal`. */
  begin(): void;
}

export interface Stage {
  readonly world: World;
  readonly chance: Chance;
  /** Somebody locks or unlocks this car with its key, and the cloud hears nothing of it. */
  readonly useKey: (car: string) => void;
  /** Starts the daemon again after this time. */
  readonly restartIn: (ms: number) => void;
  /** What was asked for last is asked for again. */
  readonly repeat: () => void;
  /** A command that is stored on the broker while the daemon is away. */
  readonly storeCommand: (awayMs: number) => void;
}

type Make = (stage: Stage) => Omit<Trouble, 'kind'>;

const SECOND = 1_000;
const MINUTE = 60_000;
const CRASH_POINTS: readonly CrashPoint[] = [
  'before sent',
  'after sent',
  'after answered',
  'before told',
  'before stored',
  'after stored',
];

/** A fault of the cloud for everybody, for some minutes. */
function ofCloud(fault: FaultInput, least: number, most: number): Make {
  return ({ world, chance }) => {
    const lastsMs = chance.between(least, most);
    return { car: null, lastsMs, begin: () => void world.cloud.faults.add({ ...fault, forMs: lastsMs }) };
  };
}

/** A fault that ends after some uses, or after an hour without any. */
function some(fault: FaultInput, most: number): Make {
  return ({ world, chance }) => ({
    car: null,
    lastsMs: 20 * MINUTE,
    begin: () => void world.cloud.faults.add({ ...fault, times: chance.between(1, most), forMs: 20 * MINUTE }),
  });
}

/** One car is in trouble, and no other. */
function ofCar(faultsFor: (chance: Chance) => FaultInput): Make {
  return ({ world, chance }) => {
    const car = chance.pick(CARS).id;
    const lastsMs = chance.between(2 * MINUTE, 20 * MINUTE);
    const fault = faultsFor(chance);
    return {
      car,
      lastsMs,
      begin: () => void world.cloud.faults.add({ ...fault, match: { ...fault.match, car }, forMs: lastsMs }),
    };
  };
}

/** The broker is gone for a while, or its connections are. */
function ofBroker(begin: (stage: Stage) => void, least: number, most: number): Make {
  return (stage) => ({ car: null, lastsMs: stage.chance.between(least, most), begin: () => begin(stage) });
}

const MAKERS = {
  outage: ofCloud({ type: 'status', code: 503, body: '<html>down</html>' }, MINUTE, 12 * MINUTE),
  slowCloud: ofCloud({ type: 'latency', ms: 12 * SECOND }, MINUTE, 6 * MINUTE),
  hangingCloud: ofCloud({ type: 'hang' }, MINUTE, 4 * MINUTE),
  silentAnswers: ofCloud({ type: 'hang', afterEffect: true }, 30 * SECOND, 3 * MINUTE),
  maintenance: ofCloud({ type: 'html200' }, MINUTE, 8 * MINUTE),
  refreshBroken: ofCloud({ type: 'breakRefresh' }, MINUTE, 8 * MINUTE),
  freshTokensRefused: ofCloud({ type: 'rejectFreshTokens' }, 30 * SECOND, 4 * MINUTE),
  /** The token of a control is revoked while it is on its way, and that of its repetition, too. */
  revokedAgain: ({ world, chance }) => {
    const lastsMs = 5 * MINUTE;
    const { time } = world;
    return {
      car: null,
      lastsMs,
      begin: () => {
        world.revocations = chance.between(2, 6);
        time.after(lastsMs, time.world, () => {
          world.revocations = 0;
        });
      },
    };
  },
  /** The cloud refuses the tokens of controls, and of nothing else. */
  refusedAgain: some(
    {
      type: 'status',
      code: 401,
      body: { error: 'Key not authorized: Token is expired' },
      match: { kind: 'control' },
    },
    6,
  ),
  cutBefore: some({ type: 'cutBefore' }, 6),
  cutAfter: some({ type: 'cutAfter' }, 6),
  timeoutAfterEffect: some({ type: 'status', code: 504, afterEffect: true }, 3),
  refreshRefused: some({ type: 'refuseRefresh' }, 1),
  deviceForgotten: some({ type: 'deviceIdInvalid' }, 2),
  duplicate: some({ type: 'duplicate' }, 4),
  wrongShape: some({ type: 'wrongShape', path: 'resMsg', value: 17 }, 3),
  rateLimited: ({ world, chance }) => {
    const resetS = chance.between(60, 600);
    return {
      car: null,
      lastsMs: 20 * MINUTE,
      begin: () => void world.cloud.faults.add({ type: 'rateLimited', resetS, times: 1, forMs: 5 * MINUTE }),
    };
  },
  unreachable: ({ world, chance }) => {
    const lastsMs = chance.between(MINUTE, 10 * MINUTE);
    const { time } = world;
    return {
      car: null,
      lastsMs,
      begin: () => {
        world.isCloudReachable = false;
        time.after(lastsMs, time.world, () => {
          world.isCloudReachable = true;
        });
      },
    };
  },
  carAsleep: ofCar((chance) => ({
    type: 'carAsleep',
    variant: chance.pick(['unavailable', 'timeout', 'lowBattery', 'responseTimeout'] as const),
  })),
  carHangs: ofCar(() => ({ type: 'hang', match: { kind: 'control,status.forced,location.forced,ccs2.wake' } })),
  carRefuses: ofCar(() => ({ type: 'recordFail' })),
  carSilent: ofCar((chance) => ({ type: 'recordNonResponse', carriedOut: chance.isTrue(0.5) })),
  carIgnores: ofCar(() => ({ type: 'carIgnores' })),
  // It makes the daemon register its device anew, and records are kept by device: other cars must not feel it.
  recordsEmpty: ofCar(() => ({ type: 'recordsEmpty' })),
  recordsPending: ofCar(() => ({ type: 'recordsNull' })),
  sessionRevoked: ({ world }) => ({
    car: null,
    lastsMs: MINUTE,
    begin: () => void world.cloud.revoke({ kinds: ['access', 'control', 'cci', 'refresh'] }),
  }),
  brokerRestart: ofBroker(
    ({ world, chance }) => {
      world.mqtt.stop();
      const { time } = world;
      time.after(chance.between(1, 90) * SECOND, time.world, () => void world.mqtt.start());
    },
    2 * MINUTE,
    3 * MINUTE,
  ),
  connectionCut: ofBroker(({ world }) => world.mqtt.cut(), MINUTE, MINUTE),
  connectionSilent: ofBroker(({ world }) => world.mqtt.silence(), 2 * MINUTE, 2 * MINUTE),
  /**
   * The clock of the machine is wrong, which is nobody's trouble. It is that of one car that it ignores what it is told,
   * while the cloud believes that it is as it was before: that must never be taken for its answer.
   */
  clockJump: ({ world, chance, useKey }) => {
    const car = chance.pick(CARS).id;
    const jumpMs = chance.pick([-1, 1]) * chance.pick([2 * SECOND, 45 * SECOND, 5 * MINUTE, 70 * MINUTE]);
    const lastsMs = chance.between(MINUTE, 15 * MINUTE);
    const { time } = world;
    return {
      car,
      lastsMs,
      begin: () => {
        world.cloud.car(car)?.reportNow();
        useKey(car);
        world.cloud.faults.add({ type: 'carIgnores', match: { car }, forMs: lastsMs });
        time.jump(jumpMs);
        time.after(lastsMs, time.world, () => time.jump(-jumpMs));
      },
    };
  },
  diskFull: ({ world, chance }) => {
    const lastsMs = chance.between(MINUTE, 15 * MINUTE);
    const { time } = world;
    return {
      car: null,
      lastsMs,
      begin: () => {
        world.disk.isFull = true;
        time.after(lastsMs, time.world, () => {
          world.disk.isFull = false;
        });
      },
    };
  },
  /**
   * The disk is full when the daemon starts again after a crash, and perhaps before; what was asked for last is asked for
   * again, and perhaps the daemon dies once more before it could write down what it told.
   */
  fullAtStart: ({ world, chance, restartIn, repeat }) => {
    const { time } = world;
    const awayMs = chance.pick([SECOND, 10 * SECOND, 50 * SECOND]);
    const fullMs = awayMs + chance.between(1, 150) * SECOND;
    const [isUnreadable, isPowerCut, diesAgain] = [0.3, 0.3, 0.5].map((share) => chance.isTrue(share));
    const repeatMs = awayMs + chance.between(1, 90) * SECOND;
    const againMs = awayMs + chance.between(1, 100) * SECOND;
    const fill = (isFull: boolean): void => {
      world.disk.isFull = isFull;
      world.disk.isUnreadable = isFull && isUnreadable === true;
    };
    const died = (): void => {
      fill(true);
      restartIn(awayMs);
      time.after(fullMs, time.world, () => fill(false));
      time.after(repeatMs, time.world, repeat);
      if (diesAgain !== true) return;
      time.after(againMs, time.world, () => {
        if (!world.daemon.isRunning) return;
        world.kill();
        restartIn(awayMs);
      });
    };
    const point = chance.pick(CRASH_POINTS);
    const skip = chance.between(0, 12);
    const beforeMs = chance.between(1, 50) * SECOND;
    const isFullBefore = chance.isTrue(0.3);
    return {
      car: null,
      lastsMs: 40 * MINUTE,
      begin: () => {
        if (!isFullBefore) {
          world.killAt(point, skip, died);
          return;
        }
        fill(true);
        time.after(beforeMs, time.world, () => {
          if (!world.daemon.isRunning) {
            fill(false);
            return;
          }
          world.kill(isPowerCut);
          died();
        });
      },
    };
  },
  crash: ({ world, chance, restartIn, storeCommand }) => {
    const point = chance.pick(CRASH_POINTS);
    const awayMs = chance.pick([SECOND, 10 * SECOND, 50 * SECOND, 100 * SECOND]);
    return {
      car: null,
      lastsMs: 30 * MINUTE,
      begin: () =>
        world.killAt(point, chance.between(0, 12), () => {
          if (chance.isTrue(0.5)) storeCommand(awayMs);
          restartIn(awayMs);
        }),
    };
  },
  sudden: ({ world, chance, restartIn }) => ({
    car: null,
    lastsMs: 3 * MINUTE,
    begin: () => {
      if (!world.daemon.isRunning) return;
      world.kill(chance.isTrue(0.5));
      restartIn(chance.between(1, 100) * SECOND);
    },
  }),
  stopped: ({ world, chance, restartIn, storeCommand }) => ({
    car: null,
    lastsMs: 3 * MINUTE,
    begin: () =>
      world.daemon.stop(() => {
        const awayMs = chance.between(1, 120) * SECOND;
        if (chance.isTrue(0.5)) storeCommand(awayMs);
        restartIn(awayMs);
      }),
  }),
} as const satisfies Readonly<Record<string, Make>>;

export type TroubleKind = keyof typeof MAKERS;
export const TROUBLES = Object.keys(MAKERS) as readonly TroubleKind[];
/** What happens more often than the rest: that is where state is lost. */
const WEIGHTS: Readonly<Record<TroubleKind, number>> = {
  ...(Object.fromEntries(TROUBLES.map((kind) => [kind, 1])) as Record<TroubleKind, number>),
  crash: 5,
  sudden: 2,
  carHangs: 2,
};

export function someTrouble(stage: Stage): Trouble {
  const kind = stage.chance.weighted(WEIGHTS);
  return { kind, ...MAKERS[kind](stage) };
}
