import { REASON_TEXTS } from '../../../src/actors/contract/reasons.ts';
import type { Car } from '../../../src/io/simulator/car/car.ts';
import type { Asked, Said } from './asked.ts';
import { demand } from './verdict.ts';

/** No command takes longer, from its acknowledgement to its end, while broker and daemon are there. */
const LONGEST_MS = 1_200_000;

interface Life {
  readonly asked: Asked;
  readonly sentAt: number;
  /** Of the daemon that acknowledged it first. */
  incarnation: number | null;
  acknowledgedAt: number | null;
  /** After that its sender no longer wants it; null: always, or only a daemon that has died knew. */
  wantedUntil: number | null;
  /** The final record as it was published, without the mark of a repetition. */
  final: string | null;
  said: Said | null;
  endedAt: number | null;
  /** The time in which it was told while the disk did not take it; null: the disk had it. */
  toldBehind: number | null;
  /** Its daemon died before the disk had its end. */
  isForgotten: boolean;
  deliveries: number;
  /** Calls of the control. */
  calls: number;
  /** Of its control calls, those whose token was refused. */
  tokenRefusals: number;
  /** Newer tokens that it asked for to send its control again. */
  refreshes: number;
  /** The car was seen as the sender wants it since the control was sent. */
  shown: boolean;
  /** Its owner died without a journal. */
  forgiven: boolean;
  /** The same message was sent again. */
  isRepeated: boolean;
}

/** `endsOnce`, `noDoubleAction`, `singleRetry`, `notTooLate`, nothing stored is executed, and success only if the car shows it. */
export class CommandJudge {
  readonly #now: () => number;
  readonly #carOf: (id: string) => Car | null;
  readonly #lives = new Map<string, Life>();
  readonly #open = new Set<Life>();
  readonly #endings = new Map<string, number>();
  /** The control that each car works on, by the actor's word. */
  readonly #working = new Map<string, string>();
  #longestMs = 0;

  constructor(now: () => number, carOf: (id: string) => Car | null) {
    this.#now = now;
    this.#carOf = carOf;
  }

  /** How many ended how. */
  get endings(): ReadonlyMap<string, number> {
    return this.#endings;
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  lifeOf(id: string): Readonly<Life> | null {
    return this.#lives.get(id) ?? null;
  }

  sent(asked: Asked): void {
    if (asked.kind === 'repeat') {
      const repeated = this.#lives.get(asked.id);
      if (repeated !== undefined) repeated.isRepeated = true;
      // Nobody remembers that it was refused: its sender may have it done now.
      const said = repeated?.said ?? null;
      if (repeated === undefined || said === null) return;
      if (wasNoCommand(said) || (repeated.isForgotten && isUnsent(said))) this.#reopen(repeated);
      return;
    }
    const life: Life = {
      asked,
      sentAt: this.#now(),
      incarnation: null,
      acknowledgedAt: null,
      wantedUntil: null,
      final: null,
      said: null,
      endedAt: null,
      toldBehind: null,
      isForgotten: false,
      deliveries: 0,
      calls: 0,
      tokenRefusals: 0,
      refreshes: 0,
      shown: false,
      forgiven: false,
      isRepeated: false,
    };
    this.#lives.set(asked.id, life);
    this.#open.add(life);
    this.#forgetOld();
  }

  /** @param id read from the message that the daemon has acknowledged. */
  acknowledged(id: string, incarnation: number): void {
    const life = this.#lives.get(id);
    if (life === undefined) return;
    life.incarnation ??= incarnation;
    if (life.acknowledgedAt !== null) return;
    const now = this.#now();
    life.acknowledgedAt = now;
    life.wantedUntil = life.asked.expiresInMs === null ? null : now + life.asked.expiresInMs;
  }

  /** A control is about to be sent for this command. */
  calling(car: string, id: string): void {
    this.#working.set(car, id);
    const life = this.#lives.get(id);
    if (life === undefined) return;
    life.calls += 1;
    this.#look(life);
    demand('singleRetry', life.calls <= 6, () => `${id} called the car ${life.calls} times.`);
    const lateMs = life.wantedUntil === null ? 0 : this.#now() - life.wantedUntil;
    demand('notTooLate', lateMs <= 0, () => `${id} called the car ${lateMs} ms after its sender no longer wanted it.`);
  }

  /** The command that a control for this car is sent for at this moment. */
  workingOn(car: string): string | null {
    return this.#working.get(car) ?? null;
  }

  delivered(id: string): void {
    const life = this.#lives.get(id);
    if (life === undefined) return;
    life.deliveries += 1;
    demand('noDoubleAction', life.deliveries <= 1, () => `${id} reached the car ${life.deliveries} times.`);
    demand('noDoubleAction', life.said === null || !isUnsent(life.said), () => {
      return `${id} reached the car after it had ended as ${life.said?.status}.`;
    });
  }

  /** It asks for a newer token to send its control again. */
  refreshing(id: string): void {
    const life = this.#lives.get(id);
    if (life === undefined) return;
    life.refreshes += 1;
    demand('singleRetry', life.refreshes <= 1, () => `${id} asked for a newer token ${life.refreshes} times.`);
  }

  /** The cloud refused the token of its control. */
  refused(id: string): void {
    const life = this.#lives.get(id);
    if (life === undefined) return;
    life.tokenRefusals += 1;
    const { tokenRefusals } = life;
    demand('singleRetry', tokenRefusals <= 2, () => `${id} was sent with ${tokenRefusals} tokens that were refused.`);
  }

  /** Somebody has looked at this car. */
  looked(car: string): void {
    for (const life of this.#open) if (life.asked.car === car && life.calls > 0) this.#look(life);
  }

  /** @param behind as in `Life.toldBehind`. */
  published(topic: string, text: string, behind: number | null): void {
    if (!topic.endsWith('/result')) return;
    const said = JSON.parse(text) as Said;
    if (said.status === 'accepted' || said.duplicate === true) return;
    const life = this.#lives.get(said.id);
    if (life === undefined) return;
    if (life.final !== null) {
      // A message that its sender marked retained may come twice: once as it was sent, and later from the store.
      const isStored = life.asked.kind === 'retained' && said.reason === 'retained';
      // What was refused at once was never a command, so the same message is refused again, and at another time.
      const isRefused = (one: Said | null) => one !== null && (one.status === 'rejected' || wasNoCommand(one));
      const isRefusedAgain = life.isRepeated && isRefused(life.said) && isRefused(said);
      // While nothing can be read, nobody knows of the end.
      if (isUnread(said) && behind !== null) return;
      // Reads go on while the journal cannot be read: nobody knows of the one that this repeats.
      const isReadAgain =
        life.asked.kind === 'read' && life.isRepeated && behind !== null && behind !== life.toldBehind;
      // What could not be written down before a crash is decided again, and so is what nobody knew of.
      const isDecidedAgain = life.isForgotten || isUnread(life.said) || isReadAgain;
      demand(
        'endsOnce',
        life.final === text || isStored || isRefusedAgain || isDecidedAgain,
        () => `${said.id} ended as ${life.final}, then as ${text}.`,
      );
      if (isDecidedAgain) this.#judge(life, said);
      return;
    }
    life.final = text;
    life.said = said;
    life.endedAt = this.#now();
    life.toldBehind = behind;
    this.#open.delete(life);
    const how = said.reason === undefined ? said.status : `${said.status} ${said.reason}`;
    this.#endings.set(how, (this.#endings.get(how) ?? 0) + 1);
    if (life.acknowledgedAt !== null) {
      this.#longestMs = Math.max(this.#longestMs, this.#now() - life.acknowledgedAt);
    }
    this.#judge(life, said);
  }

  /** The daemon has died; without a journal nobody can ask for what it had taken. */
  died(incarnation: number, isDurable: boolean, behind: number | null): void {
    this.#working.clear();
    if (behind !== null) for (const life of this.#lives.values()) life.isForgotten ||= life.toldBehind === behind;
    // A repetition may be on its way: who refused it is dead, and its successor does not know of that.
    for (const life of this.#lives.values()) {
      if (life.isForgotten && life.isRepeated && life.said !== null && isUnsent(life.said)) this.#reopen(life);
    }
    // What was not sent is as new for the next daemon, which goes by the clock.
    for (const life of this.#open) {
      life.refreshes = 0;
      life.wantedUntil = null;
    }
    if (isDurable) return;
    for (const life of this.#open) {
      if (life.incarnation === null || life.incarnation > incarnation) continue;
      life.forgiven = true;
      this.#open.delete(life);
      this.#endings.set('(lost by a crash)', (this.#endings.get('(lost by a crash)') ?? 0) + 1);
    }
  }

  /** @param awayMs how long broker or daemon were away lately: nothing can end meanwhile. */
  judgeWaiting(awayMs: number): void {
    for (const { asked, acknowledgedAt } of this.#open) {
      if (acknowledgedAt === null) continue;
      const waited = this.#now() - acknowledgedAt;
      demand('endsOnce', waited <= LONGEST_MS + awayMs, () => `${asked.id} has not ended after ${waited} ms.`);
    }
  }

  /** All is well and long quiet: everything must be over. */
  judgeEnd(): void {
    for (const { asked, acknowledgedAt } of this.#open) {
      demand('endsOnce', acknowledgedAt === null, () => `${asked.id} was acknowledged and never ended.`);
    }
  }

  #judge({ asked, deliveries, shown }: Life, said: Said): void {
    const { status, reason, joined } = said;
    demand('retained', asked.kind !== 'retained' || reason === 'retained', () => {
      return `${said.id} was stored on the broker, and ended ${status} ${reason}.`;
    });
    demand('endsOnce', asked.kind !== 'bad' || status === 'rejected', () => `${said.id} is bad, and ended ${status}.`);
    if (isUnsent(said)) {
      demand('noDoubleAction', deliveries === 0, () => `${said.id} ended ${status} ${reason}, and the car was told.`);
    }
    const isCarsWord = reason === 'carRefused';
    if ((status === 'failed' || status === 'timedOut') && !isCarsWord) {
      demand('noDoubleAction', deliveries === 0, () => `${said.id} reached the car and ended ${status} ${reason}.`);
    }
    if (status !== 'succeeded' || asked.kind === 'read') return;
    const first = joined === undefined ? null : (this.#lives.get(joined) ?? null);
    // A car that already was as wanted, and says so, need not have been told; what cannot be seen must have been.
    const wasDelivered = deliveries > 0 || (first !== null && first.deliveries > 0);
    demand('success', wasDelivered || asked.wants !== null, () => `${said.id} succeeded, and the car was never told.`);
    const isShown = shown || first?.shown === true || this.#isAsWanted(asked);
    demand('success', isShown, () => `${said.id} (${asked.payload}) succeeded, and the car was never like that.`);
  }

  #reopen(life: Life): void {
    life.final = null;
    life.said = null;
    life.endedAt = null;
    life.isForgotten = false;
    // The new message may get lost on its way, and has a time of its own.
    life.acknowledgedAt = null;
    life.wantedUntil = null;
    this.#open.add(life);
  }

  #look(life: Life): void {
    if (!life.shown && this.#isAsWanted(life.asked)) life.shown = true;
  }

  #isAsWanted({ car, wants }: Asked): boolean {
    const state = this.#carOf(car)?.actual;
    return wants === null || (state !== undefined && wants(state));
  }

  /** Those that ended long ago are of no interest: a run may take thousands of hours. */
  #forgetOld(): void {
    if (this.#lives.size < 4_000) return;
    for (const [id, life] of this.#lives) {
      if (this.#lives.size < 2_000) return;
      if (!this.#open.has(life)) this.#lives.delete(id);
    }
  }
}

/** Nothing is said but that nobody knows. */
function isUnread(said: Said | null): boolean {
  return said?.status === 'unknown' && said.reason === 'journalUnavailable';
}

/** It waited in vain for a car that nobody had listed, or came too late for one: it never was a command. */
function wasNoCommand({ reason, message }: Said): boolean {
  return reason === 'unknownCar' || (reason === 'expired' && message === REASON_TEXTS.expired.message);
}

/** Ended without having been sent, by its own word. */
function isUnsent({ status, joined }: Said): boolean {
  return (status === 'rejected' || status === 'expired') && joined === undefined;
}
