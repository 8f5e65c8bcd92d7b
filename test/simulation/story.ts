import { CARS } from './cast.ts';
import type { Chance } from './chance.ts';
import type { EventLog } from './event-log.ts';
import { someTrouble } from './faults.ts';
import type { Judge } from './judge.ts';
import { Load, type Wish } from './load.ts';
import type { World } from './world.ts';

export const HOUR_MS = 3_600_000;
const COMMANDS_AN_HOUR = 20;
/** How long the broker keeps what comes for the daemon while that is away. */
const SESSION_MS = 62_000;
/** As long as a daemon knows what its predecessor was told. */
const REMEMBERED_MS = 720_000;
const EXPIRIES_AN_HOUR = 2;
/** Of the commands of an hour, those around the moment when something goes wrong. */
const COMMANDS_IN_TROUBLE = 7;
/** A fresh token must have been accepted within this time. */
const PROVING_MS = 60_000;
const DRIVEN_12V_PERCENT = 86;
/** After the last hour, nothing is asked and nothing goes wrong for so long. */
export const QUIET_MS = 3_600_000;

/** What happens in a run: so many commands, expiries and troubles in every virtual hour. */
export class Story {
  readonly #world: World;
  readonly #log: EventLog;
  readonly #judge: Judge;
  readonly #chance: Chance;
  readonly #load: Load;
  readonly #troubles = new Map<string, number>();
  #commands = 0;
  /** The car that is in trouble; null: none, or all are. */
  #troubled: string | null = null;
  #isBootWanted = true;
  #awayMs = 0;

  constructor(world: World, log: EventLog, judge: Judge, chance: Chance) {
    this.#world = world;
    this.#log = log;
    this.#judge = judge;
    this.#chance = chance;
    this.#load = new Load(chance);
  }

  get troubles(): ReadonlyMap<string, number> {
    return this.#troubles;
  }

  get commands(): number {
    return this.#commands;
  }

  /** The daemon is to be started as soon as nothing else goes on. */
  get isBootWanted(): boolean {
    return this.#isBootWanted;
  }

  booted(): void {
    this.#isBootWanted = false;
    const { now, jumpedAt } = this.#world.time;
    if (now - jumpedAt <= REMEMBERED_MS) this.#load.forget();
  }

  begin(hours: number): void {
    const { time } = this.#world;
    for (let hour = 0; hour < hours; hour++) time.at(hour * HOUR_MS, time.world, () => this.#planHour());
  }

  #planHour(): void {
    const chance = this.#chance;
    this.#judge.commands.judgeWaiting(this.#awayMs);
    this.#judge.judgeHour();
    this.#awayMs = 0;
    const troubleAt = chance.between(0, HOUR_MS - 1);
    // What goes wrong is of interest while something is asked.
    const times = Array.from({ length: COMMANDS_IN_TROUBLE }, () => {
      return Math.max(0, troubleAt + chance.between(-5_000, 120_000));
    });
    // People come home and press three buttons.
    while (times.length < COMMANDS_AN_HOUR) {
      const together = Math.min(COMMANDS_AN_HOUR - times.length, chance.isTrue(0.6) ? 1 : chance.between(2, 5));
      const at = chance.between(0, HOUR_MS - 1);
      for (let n = 0; n < together; n++) times.push(at + chance.between(0, 8_000));
    }
    for (const at of times) this.#in(at, () => this.#say(this.#load.next(this.#world.time.now, this.#troubled)));
    for (let n = 0; n < EXPIRIES_AN_HOUR; n++) {
      // Now and then in the middle of a command.
      const at = chance.isTrue(0.5) ? chance.pick(times) + chance.between(-50, 3_000) : chance.between(0, HOUR_MS - 1);
      this.#in(Math.max(0, at), () => this.#expire());
    }
    this.#in(troubleAt, () => this.#trouble());
    this.#in(Math.max(0, chance.pick(times) - chance.between(1, 60_000)), () => this.#useKey(chance.pick(CARS).id));
  }

  /** Somebody locks or unlocks a car with its key, and the cloud hears nothing of it. */
  #useKey(id: string): void {
    const car = this.#world.cloud.car(id);
    if (car === null) return;
    this.#judge.commands.looked(id);
    const locked = !car.actual.locked;
    this.#log.line('world', `${id} ${locked ? 'locked' : 'unlocked'} with its key`);
    // Who has the key drives as well. Of a car that nobody drives the 12 V battery is low after a month.
    car.change({ locked, battery12vPercent: DRIVEN_12V_PERCENT });
  }

  #in(ms: number, work: () => void): void {
    const { time } = this.#world;
    time.after(ms, time.world, work);
  }

  #say(wish: Wish): void {
    if (!this.#world.mqtt.isUp) return;
    this.#commands += 1;
    this.#log.line('world', `${wish.message.topic} ${wish.message.payload}`);
    this.#judge.sent(wish.asked);
    this.#world.mqtt.tell(wish.message);
  }

  #expire(): void {
    const { cloud } = this.#world;
    const kinds = this.#chance.pick([['access', 'control'], ['access'], ['control']] as const);
    const isRevoked = this.#chance.isTrue(0.5);
    this.#log.line('world', `${isRevoked ? 'revoked' : 'expired'} ${kinds.join()}`);
    // A token that is refused before it has proved itself is a suspect, and a suspect is a trouble.
    if (this.#judge.session.age < PROVING_MS) this.#judge.service.trouble(PROVING_MS, null);
    if (isRevoked) cloud.revoke({ kinds });
    else cloud.expire({ kinds });
  }

  #trouble(): void {
    const trouble = someTrouble({
      world: this.#world,
      chance: this.#chance,
      useKey: (car) => this.#useKey(car),
      restartIn: (ms) => {
        this.#awayMs += ms;
        this.#judge.service.trouble(ms, null);
        this.#in(ms, () => {
          this.#isBootWanted = true;
        });
      },
      repeat: () => {
        const wish = this.#load.again(this.#world.time.now);
        if (wish !== null) this.#say(wish);
      },
      storeCommand: (awayMs) => {
        // Within the life of its session it would be a message like any other.
        if (awayMs < SESSION_MS) return;
        const wish = this.#load.stored();
        this.#say(wish);
        // Its owner finds out, and deletes it.
        this.#in(300_000, () => void this.#world.mqtt.tell({ topic: wish.message.topic, payload: '', retain: true }));
      },
    });
    this.#log.line('world', `${trouble.kind} ${trouble.car ?? ''} for ${trouble.lastsMs} ms`);
    this.#troubles.set(trouble.kind, (this.#troubles.get(trouble.kind) ?? 0) + 1);
    this.#awayMs += trouble.lastsMs;
    this.#judge.service.trouble(trouble.lastsMs, trouble.car);
    if (trouble.kind === 'clockJump') this.#judge.service.clockIsWrong(trouble.lastsMs);
    this.#troubled = trouble.car;
    this.#in(trouble.lastsMs, () => {
      this.#troubled = null;
    });
    trouble.begin();
  }
}
