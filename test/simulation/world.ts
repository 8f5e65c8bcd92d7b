import type { ActorRefLike, InspectionEvent } from 'xstate';
import type { Log } from '../../src/actors/ports.ts';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import { Cloud } from '../../src/io/simulator/cloud.ts';
import { CloudService } from '../../src/io/simulator/serve.ts';
import {
  DEFAULT_LIFETIMES,
  DEFAULT_LIMITS,
  DEFAULT_TIMINGS,
  Sleeper,
  SYSTEM_TIMERS,
  type Timings,
} from '../../src/io/simulator/timings.ts';
import { ACCOUNT, CLIENT_ID, configuration, START } from './cast.ts';
import type { Chance } from './chance.ts';
import { DaemonLife } from './daemon-life.ts';
import { Disk } from './disk.ts';
import type { EventLog } from './event-log.ts';
import { type Heard, MqttWorld } from './mqtt-world.ts';
import { type CallWatch, cloudTransport } from './transport.ts';
import type { VirtualTime } from './virtual-time.ts';

/** An event that an actor has received. */
export interface ActorEvent {
  readonly to: string;
  readonly from: string;
  readonly event: { readonly type: string; readonly [key: string]: unknown };
}

/** Who looks at everything that happens. */
export interface Witness extends Pick<CallWatch, 'over'> {
  actorEvent(event: ActorEvent): void;
  actorState(address: string, value: unknown): void;
  published(message: Heard): void;
  acknowledged(topic: string, payload: string): void;
  /** Answers for which command this request is made, if for any. */
  leaving(path: string): string | null;
  arrives: CallWatch['arrives'];
  called(call: LoggedCall): void;
  died(): void;
  reborn(): void;
}

/** Where a crash may catch the daemon. */
export type CrashPoint =
  | 'before sent'
  | 'after sent'
  | 'after answered'
  | 'before told'
  | 'before stored'
  | 'after stored';

/** The daemon and everything around it, on one virtual clock. */
export class World {
  readonly time: VirtualTime;
  readonly cloud: Cloud;
  readonly mqtt: MqttWorld;
  readonly disk: Disk;
  readonly daemon: DaemonLife;
  isCloudReachable = true;
  /** So many controls find their token revoked while they are on their way. */
  revocations = 0;
  readonly #log: EventLog;
  readonly #witness: Witness;
  #trap: { readonly point: CrashPoint; skip: number; readonly sprung: () => void } | null = null;

  constructor(time: VirtualTime, chance: Chance, log: EventLog, witness: Witness) {
    this.time = time;
    this.#log = log;
    this.#witness = witness;
    this.cloud = new Cloud([ACCOUNT], {
      // The cloud's clock is right, whatever is done to ours.
      clock: { now: () => START + time.now },
      sleeper: new Sleeper(SYSTEM_TIMERS),
      timings: { ...DEFAULT_TIMINGS, ...TIMINGS },
      lifetimes: DEFAULT_LIFETIMES,
      limits: { ...DEFAULT_LIMITS, logEntries: 100 },
    });
    const service = new CloudService(this.cloud);
    this.cloud.log.onCall((call) => {
      log.line('cloud', callLine(call));
      witness.called(call);
    });
    this.mqtt = new MqttWorld(time, CLIENT_ID, {
      published: (message) => {
        log.line('mqtt', `${message.retain ? 'R ' : ''}${message.topic} ${message.text}`);
        witness.published(message);
      },
      acknowledged: (topic, payload) => {
        log.line('mqtt', `ACK ${topic}`);
        witness.acknowledged(topic, payload);
      },
    });
    this.disk = new Disk(time, chance, (point) => this.#reached(point));
    this.daemon = new DaemonLife({
      time,
      config: configuration(),
      mqtt: this.mqtt,
      disk: this.disk,
      transportFor: (caller) =>
        cloudTransport({
          time,
          chance,
          cloud: this.cloud,
          service,
          caller,
          isOnline: () => this.isCloudReachable,
          watch: {
            leaves: (method, path) => {
              log.line('http', `${method} ${path}`);
              this.#reached('before sent');
              const madeFor = witness.leaving(path);
              if (madeFor !== null) this.#revoke();
              return madeFor;
            },
            arrives: (madeFor, isAbandoned, serve) => {
              this.#reached('after sent');
              return witness.arrives(madeFor, isAbandoned, serve);
            },
            answered: () => this.#reached('after answered'),
            over: (n, how) => witness.over(n, how),
          },
        }),
      log: daemonLog(log),
      inspect: (event) => {
        inspected(event, log, witness);
        if (event.type === '@xstate.event' && event.event.type === 'COMMAND_SETTLED') this.#reached('before told');
      },
    });
  }

  /** Starts the daemon. Between two events only. */
  async boot(): Promise<void> {
    this.#log.line('world', 'the daemon starts');
    this.#witness.reborn();
    await this.daemon.start();
  }

  /** Kills the daemon, without a word. @param isPowerCut the machine dies with it. */
  kill(isPowerCut = false): void {
    if (!this.daemon.isRunning) return;
    this.#log.line('world', isPowerCut ? 'the power is cut' : 'the daemon is killed');
    this.#witness.died();
    this.daemon.kill(isPowerCut);
  }

  /** Kills it when it passes this point once more often than `skip` times. */
  killAt(point: CrashPoint, skip: number, sprung: () => void): void {
    this.#trap = { point, skip, sprung };
  }

  #revoke(): void {
    if (this.revocations === 0) return;
    this.revocations -= 1;
    this.#log.line('world', 'revoked on the way');
    this.cloud.revoke({ kinds: ['access', 'control'] });
  }

  #reached(point: CrashPoint): void {
    const trap = this.#trap;
    if (trap === null || trap.point !== point || !this.daemon.isRunning) return;
    trap.skip -= 1;
    if (trap.skip >= 0) return;
    this.#trap = null;
    this.#log.line('world', point);
    this.kill();
    trap.sprung();
  }
}

/** As slow as real cars. */
const TIMINGS: Partial<Timings> = {
  controlDelayMs: 1_500,
  recordDelayMs: 500,
  forcedReadMs: 8_000,
  ccs2WakeMs: 9_000,
  wakeDelayMs: 4_000,
};

function callLine(call: LoggedCall): string {
  const { n, method, path, kind, outcome, status, code, token, effect, faults } = call;
  return `#${n} ${method} ${path} ${kind} ${outcome} ${status} ${code} ${token} ${effect} ${faults.join()}`;
}

function addressOf(ref: ActorRefLike | undefined): string {
  if (ref === undefined) return '-';
  const { systemId, id = '-' } = ref as ActorRefLike & { readonly systemId?: string; readonly id?: string };
  return systemId ?? id;
}

function inspected(event: InspectionEvent, log: EventLog, witness: Witness): void {
  if (event.type === '@xstate.event') {
    const to = addressOf(event.actorRef);
    const from = addressOf(event.sourceRef);
    log.line('actor', `${from} > ${to} ${event.event.type}`);
    witness.actorEvent({ to, from, event: event.event });
  } else if (event.type === '@xstate.microstep' && 'value' in event.snapshot) {
    // A snapshot is told after the messages that follow from it; a microstep is told before them.
    witness.actorState(addressOf(event.actorRef), event.snapshot.value);
  }
}

function daemonLog(log: EventLog): Log {
  const quiet: Log = {
    child: () => quiet,
    write: (level, message) => {
      if (level === 'warn' || level === 'error') log.line('log', `${level} ${message}`);
    },
  };
  return quiet;
}
