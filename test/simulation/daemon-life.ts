import type { InspectionEvent } from 'xstate';
import type { Log } from '../../src/actors/ports.ts';
import { type Daemon, startDaemon } from '../../src/daemon/daemon.ts';
import type { Transport } from '../../src/io/bluelink/bluelinky-surface.ts';
import type { BudgetRecord } from '../../src/io/bluelink/budget-record.ts';
import type { SessionRecord } from '../../src/io/bluelink/session-record.ts';
import type { ResolvedConfig } from '../../src/io/config/load.ts';
import { openJournalOn } from '../../src/io/journal/journal.ts';
import type { RetainedRecord } from '../../src/io/store/retained-topics.ts';
import type { Disk } from './disk.ts';
import type { MqttWorld } from './mqtt-world.ts';
import { Scope } from './scope.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface DaemonParts {
  readonly time: VirtualTime;
  readonly config: ResolvedConfig;
  readonly mqtt: MqttWorld;
  readonly disk: Disk;
  readonly transportFor: (owner: Scope) => Transport;
  readonly log: Log;
  readonly inspect: (event: InspectionEvent) => void;
}

/** Nobody reads what is logged here. */
const NO_SECRETS = { register: () => undefined, redact: (text: string) => text };

/** The process of the daemon: started, stopped in peace, or killed. Of a killed one nothing runs any more. */
export class DaemonLife {
  readonly #parts: DaemonParts;
  #running: { readonly scope: Scope; readonly daemon: Daemon } | null = null;
  #count = 0;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** 1 for the first daemon. */
  get incarnation(): number {
    return this.#count;
  }

  /** Between two events only: loading modules takes the real world's time. */
  async start(): Promise<void> {
    const { time, config, mqtt, disk, transportFor, log, inspect } = this.#parts;
    this.#count += 1;
    const scope = new Scope(`daemon ${this.#count}`);
    const guarded = (event: InspectionEvent): void => {
      if (scope.alive) inspect(event);
    };
    let isStanding = true;
    const daemon = await time.settle(scope, async () => {
      const clock = { now: () => time.wall, elapsed: () => time.now };
      const opened = await openJournalOn(
        disk.journal(scope, () => isStanding),
        { clock, log: whileAlive(log, scope) },
      );
      if (!opened.ok) throw new Error(opened.problem);
      return startDaemon({
        journal: opened.journal,
        config,
        log: whileAlive(log, scope),
        secrets: NO_SECRETS,
        broker: { host: 'broker.invalid', port: 1883, tls: false },
        storeOf: (account) => disk.document<SessionRecord>(`session-${account}`, scope),
        budgetStoreOf: (account) => disk.document<BudgetRecord>(`budget-${account}`, scope),
        retainedStore: disk.document<RetainedRecord>('retained', scope),
        simulated: true,
        inspect: guarded,
        transport: transportFor(scope),
        openStream: () => mqtt.connect(scope),
      });
    });
    isStanding = false;
    this.#running = { scope, daemon };
  }

  /** Told to stop, as by a signal; `then` is called when it has ended. */
  stop(then: () => void): void {
    const running = this.#running;
    if (running === null) return;
    const { time } = this.#parts;
    time.after(0, running.scope, () => {
      void running.daemon.stop().then(() => {
        if (!running.scope.alive) return;
        time.after(0, time.world, () => {
          this.#end(running.scope, false);
          then();
        });
      });
    });
  }

  /** @param isPowerCut the machine dies with it. */
  kill(isPowerCut: boolean): void {
    if (this.#running === null) return;
    this.#end(this.#running.scope, isPowerCut);
  }

  #end(scope: Scope, isPowerCut: boolean): void {
    this.#running = null;
    scope.die();
    this.#parts.disk.crash(isPowerCut);
    this.#parts.mqtt.bury();
  }
}

/** What the dead say is not heard. */
function whileAlive(log: Log, scope: Scope): Log {
  return {
    child: (fields) => whileAlive(log.child(fields), scope),
    write: (level, message, fields) => {
      if (scope.alive) log.write(level, message, fields);
    },
  };
}
