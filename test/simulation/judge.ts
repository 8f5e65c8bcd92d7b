import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Car } from '../../src/io/simulator/car/car.ts';
import type { Asked } from './judge/asked.ts';
import { BreakerJudge } from './judge/breaker.ts';
import { CommandJudge } from './judge/commands.ts';
import { ServiceJudge } from './judge/service.ts';
import { SessionJudge } from './judge/session.ts';
import { demand, type Violation } from './judge/verdict.ts';
import type { Heard } from './mqtt-world.ts';
import type { CallEnd } from './transport.ts';
import type { ActorEvent, Witness } from './world.ts';

const COMMAND = /\/vehicle\/([^/]+)\/command\/\d+$/;
/** Timers of a daemon that has nothing to do: polls, renewals, housekeeping. */
const IDLE_TIMERS = 60;

export interface JudgeParts {
  readonly now: () => number;
  readonly carOf: (id: string) => Car | null;
  readonly incarnation: () => number;
  /** Names the time in which what is told is not on the disk; null: it is. */
  readonly behind: () => number | null;
  /** Whether commands survive a crash. */
  readonly isDurable: boolean;
}

/** Looks at everything, from outside and inside, and throws a `Violation` at the first promise that is broken. */
export class Judge implements Witness {
  readonly commands: CommandJudge;
  readonly breaker: BreakerJudge;
  readonly session: SessionJudge;
  readonly service: ServiceJudge;
  readonly #parts: JudgeParts;
  /** Ids of commands by the address of their actor. */
  readonly #idOf = new Map<string, string>();
  /** Addresses of commands whose last call was their control. */
  readonly #calling = new Set<string>();
  /** The command that a call of the cloud was made for. */
  readonly #madeFor = new Map<number, string>();
  #isAbandoned = false;
  #violation: Violation | null = null;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
    this.commands = new CommandJudge(parts.now, parts.carOf);
    this.breaker = new BreakerJudge(parts.now);
    this.session = new SessionJudge(parts.now);
    this.service = new ServiceJudge(parts.now);
  }

  /** What was found by a witness whose caller swallows errors. */
  get violation(): Violation | null {
    return this.#violation;
  }

  sent(asked: Asked): void {
    this.commands.sent(asked);
  }

  actorEvent(seen: ActorEvent): void {
    this.#guarded(() => {
      this.breaker.event(seen);
      const { to, from, event } = seen;
      if (event.type === 'REFRESH' && this.#calling.has(from)) this.commands.refreshing(this.#idOf.get(from) ?? '');
      if (event.type !== 'xstate.init') return;
      const input = event.input as InitInput | undefined;
      if (COMMAND.test(to) && typeof input?.id === 'string') this.#idOf.set(to, input.id);
      if (input?.call === undefined) return;
      if (input.call.type !== 'control') {
        this.#calling.delete(from);
        return;
      }
      this.#calling.add(from);
      const [, car] = COMMAND.exec(from) ?? [];
      const id = this.#idOf.get(from);
      if (car !== undefined && id !== undefined) this.commands.calling(car, id);
    });
  }

  actorState(address: string, value: unknown): void {
    this.#guarded(() => this.breaker.state(address, value));
  }

  published({ topic, text }: Heard): void {
    this.#guarded(() => {
      this.commands.published(topic, text, this.#parts.behind());
      if (!topic.endsWith('/result')) return;
      const { id } = JSON.parse(text) as { readonly id: string };
      const life = this.commands.lifeOf(id);
      if (life?.said == null || life.endedAt !== this.#parts.now()) return;
      this.service.ended(life.asked, life.said, life.sentAt);
    });
  }

  acknowledged(_topic: string, payload: string): void {
    const id = idIn(payload);
    if (id !== null) this.#guarded(() => this.commands.acknowledged(id, this.#parts.incarnation()));
  }

  leaving(path: string): string | null {
    const car = /\/vehicles\/([^/]+)\/(?:ccs2\/)?(?:control|charge|location\/routes)/.exec(path)?.[1];
    return car === undefined ? null : this.commands.workingOn(car);
  }

  /** A request that its sender may have given up meets the cloud. */
  arrives(madeFor: string | null, isAbandoned: boolean, serve: () => number): number {
    this.#isAbandoned = isAbandoned;
    const n = serve();
    this.#isAbandoned = false;
    if (madeFor !== null) this.#madeFor.set(n, madeFor);
    return n;
  }

  over(n: number | null, how: CallEnd): void {
    this.breaker.over(n, how);
    if (n !== null) this.session.over(n, how === 'answered');
  }

  called(call: LoggedCall): void {
    this.#guarded(() => {
      this.session.call(call, this.#isAbandoned);
      this.breaker.call(call);
      if (call.car !== null) this.commands.looked(call.car);
      if (call.outcome === 'pending') return;
      const id = this.#madeFor.get(call.n);
      this.#madeFor.delete(call.n);
      if (id !== undefined && call.status === 401) this.commands.refused(id);
      if (call.actionId !== null && call.kind.startsWith('control') && id !== undefined) this.commands.delivered(id);
    });
  }

  logged(): void {}

  died(): void {
    this.commands.died(this.#parts.incarnation(), this.#parts.isDurable, this.#parts.behind());
  }

  reborn(): void {
    this.#idOf.clear();
    this.#calling.clear();
    this.breaker.reborn();
    this.session.reborn();
  }

  /** What must hold at any time. */
  judgeHour(): void {
    const { permitsLost } = this.breaker;
    demand('noDeadlock', permitsLost === 0, () => `${permitsLost} permits did not come back.`);
  }

  /** All troubles are over, and time has passed. */
  judgeEnd(timers: ReadonlyMap<string, number>): void {
    this.commands.judgeEnd();
    this.judgeHour();
    for (const [owner, count] of timers) {
      demand('boundedMemory', count <= IDLE_TIMERS, () => `${owner} has ${count} timers and nothing to do.`);
    }
  }

  #guarded(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#violation ??= error as Violation;
    }
  }
}

interface InitInput {
  readonly id?: unknown;
  readonly call?: { readonly type: string };
}

export function idIn(payload: string): string | null {
  return /"id":"([^"]+)"/.exec(payload)?.[1] ?? null;
}
