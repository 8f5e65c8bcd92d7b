import type { AnyEventObject } from 'xstate';
import type { Address } from '../../src/machines/domain/events.ts';
import type { Flight } from './cloud.ts';
import type { Local, LocalStep } from './local.ts';
import type { Mail, Message } from './mail.ts';
import type { Happening } from './world.ts';

/** One actor takes one event. */
export interface Taking {
  readonly address: Address;
  readonly before: Local | null;
  readonly event: AnyEventObject;
  readonly step: LocalStep;
  readonly aborted: readonly Flight[];
  readonly finished: Flight | null;
  readonly delivers: boolean;
  readonly timeOver: boolean;
}
export interface Followed {
  readonly happening: Happening;
  /** What each effect of the step says. */
  readonly said: readonly (readonly Message[])[];
}

const NONE: readonly never[] = [];

/** What invariants see of a step of an actor, made once for each: the same step is met in thousands of states. */
export class Happenings {
  private readonly mail: Mail;
  /** By who takes it or, for the end of a call, by the call: its address is told by that. */
  private readonly known = new Map<LocalStep, Map<Address | Flight, Followed[]>>();

  constructor(mail: Mail) {
    this.mail = mail;
  }

  of(taking: Taking): Followed {
    const byTaker = this.known.get(taking.step) ?? new Map<Address | Flight, Followed[]>();
    const taker = taking.finished ?? taking.address;
    const alike = byTaker.get(taker) ?? [];
    for (const one of alike) if (isSame(one.happening, taking)) return one;
    const followed = this.follow(taking);
    this.known.set(taking.step, byTaker.set(taker, [...alike, followed]));
    return followed;
  }

  private follow({ step, address, before, event, aborted, finished, delivers, timeOver }: Taking): Followed {
    const { after, effects, started } = step;
    const said = effects.map((effect) => (effect.type === 'send' ? this.mail.of(address, effect) : NONE));
    const sends = said.flat();
    return {
      happening: { address, before, after, event, sends, started, aborted, finished, delivers, timeOver },
      said,
    };
  }
}

function isSame({ aborted, delivers, timeOver }: Happening, taking: Taking): boolean {
  if (delivers !== taking.delivers || timeOver !== taking.timeOver) return false;
  return aborted.length === taking.aborted.length && aborted.every((flight, at) => flight === taking.aborted[at]);
}
