import { type Controls, forbidden } from '../../machines/domain/arming.ts';
import type { Command, Ending, Reason } from '../../machines/domain/command.ts';
import { fitCommand } from '../contract/fit-command.ts';
import { type ParsedCommand, parseCommand } from '../contract/parse-command.ts';
import { acceptedRecord, duplicateOf, finalRecord, type Received, refusedRecord } from '../contract/records.ts';
import { parseTopic } from '../contract/topics.ts';
import type { Clock, InboundMessage, Origin, Randomness } from '../ports.ts';
import type { Directory, ListedCar } from './directory.ts';
import type { Entry } from './entry.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Ledger } from './ledger.ts';
import { type AnswerRules, expiryOf, idOf, originOf, workOf } from './message-facts.ts';
import type { Publisher } from './publisher.ts';

/** What is to be done with a message, when it has not been answered at once. */
export type Handover =
  | {
      readonly type: 'answered';
      /** Until then the broker should keep it; null when it is done with. */
      readonly kept: Promise<unknown> | null;
    }
  /** To the vehicle. */
  | {
      readonly type: 'command';
      readonly id: string;
      readonly listed: ListedCar;
      readonly command: Command;
      readonly receivedAt: number;
      readonly expiresInMs: number | null;
      readonly kept: Promise<unknown>;
    }
  /** The cars are not all known yet: keep it for a while. */
  | { readonly type: 'early' }
  | { readonly type: 'request'; readonly verb: string };

export interface DeskOptions extends AnswerRules {
  readonly simulated: boolean;
  /** What may be done to the cars of an account. */
  readonly controlsOf: (account: string) => Controls;
}

const UNKNOWN_CAR_ANSWERS_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const ANSWERED: Handover = { type: 'answered', kept: null };

/** Looks at every message before anybody acts on it: who asks what of which car, may it be done, was it done before? */
export class Desk {
  private readonly clock: Clock;
  private readonly randomness: Randomness;
  private readonly directory: Directory;
  private readonly ledger: Ledger;
  private readonly publisher: Publisher;
  private readonly held: HeldMessages;
  private readonly options: DeskOptions;
  private strangers = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(
    parts: {
      readonly clock: Clock;
      readonly randomness: Randomness;
      readonly directory: Directory;
      readonly ledger: Ledger;
      readonly publisher: Publisher;
      readonly held: HeldMessages;
    },
    options: DeskOptions,
  ) {
    this.clock = parts.clock;
    this.randomness = parts.randomness;
    this.directory = parts.directory;
    this.ledger = parts.ledger;
    this.publisher = parts.publisher;
    this.held = parts.held;
    this.options = options;
  }

  /**
   * @param waiting.mayBeEarly whether a car that nobody knows may still turn up.
   * @param waiting.waitedMs for how long the message has waited for its car.
   */
  receive(
    message: InboundMessage,
    { mayBeEarly, waitedMs }: { readonly mayBeEarly: boolean; readonly waitedMs: number },
  ): Handover {
    const request = parseTopic(this.options.topics.base, message.topic);
    if (request === null) return ANSWERED;
    if (request.kind === 'request') return message.retain ? ANSWERED : { type: 'request', verb: request.verb };
    const parsed = parseCommand(request.name, message.payload, message.receivedAt);
    const listed = this.directory.named(request.car);
    const origin = originOf(message, request, this.options);
    const known = listed === null ? this.ofEarlierRun(message, request, parsed) : null;
    if (known !== null) {
      const received = this.receivedOf(message, request.name, parsed, known.received.id);
      return { type: 'answered', kept: this.repeat(known, message, received, origin.origin) };
    }
    if (listed === null && mayBeEarly && parsed.ok) return { type: 'early' };
    if (listed === null) return this.refuseStranger(message, request.name, parsed, origin, mayBeEarly);
    return this.consider(message, request.name, fitCommand(parsed, listed.car), listed, { ...origin, waitedMs });
  }

  /** Answers a message that nobody will look at. @param why a sentence, null for that of the reason. */
  refuse(message: InboundMessage, reason: Reason, why: string | null = null): void {
    const request = parseTopic(this.options.topics.base, message.topic);
    if (request?.kind !== 'command') return;
    const parsed = parseCommand(request.name, message.payload, message.receivedAt);
    const id = idOf(message, parsed);
    const received = this.receivedOf(message, request.name, parsed, id ?? this.randomness.id());
    const { origin } = originOf(message, request, this.options);
    if (this.mayHaveCome(message, parsed, id !== null)) {
      this.disown(received, origin);
      return;
    }
    // What is not executed in any case is told so, whatever else there is to tell.
    if (message.retain) this.reject(received, origin, 'retained', null, null);
    else this.reject(received, origin, reason, why, null);
  }

  /**
   * Answers a message of an earlier run that may have been a command, and carried out, as far as that is known.
   *
   * @returns false if it may be looked at as if nothing had happened.
   */
  refuseDoubted(message: InboundMessage): boolean {
    const request = parseTopic(this.options.topics.base, message.topic);
    if (request?.kind !== 'command' || message.retain) return false;
    const parsed = parseCommand(request.name, message.payload, message.receivedAt);
    if (!parsed.ok || parsed.command.name === 'refresh') return false;
    const id = idOf(message, parsed) ?? this.randomness.id();
    // As a command it is known, and has an answer or will have one.
    if (this.ledger.find(id) !== null) return true;
    const { origin } = originOf(message, request, this.options);
    this.disown(this.receivedOf(message, request.name, parsed, id), origin);
    return true;
  }

  /**
   * A message that comes while the daemon shuts down: only what was asked before is answered as ever, and not told two ends.
   *
   * @returns until when the broker should keep it; null when it is done with.
   */
  receiveLast(message: InboundMessage): Promise<unknown> | null {
    const request = parseTopic(this.options.topics.base, message.topic);
    const listed = request?.kind === 'command' && !message.retain ? this.directory.named(request.car) : null;
    if (request?.kind === 'command' && listed !== null) {
      const parsed = fitCommand(parseCommand(request.name, message.payload, message.receivedAt), listed.car);
      const { id, isNamed, fingerprint } = this.identify(message, request.name, parsed, listed);
      // The broker keeps it for the next run.
      if (this.mayHaveCome(message, parsed, isNamed)) return new Promise(() => {});
      const admission = this.ledger.admit(id, fingerprint);
      if (parsed.ok && admission.type === 'repeated') {
        const { origin } = originOf(message, request, this.options);
        const received = this.receivedOf(message, request.name, parsed, id);
        return this.repeat(admission.entry, message, received, origin);
      }
    }
    if (request?.kind === 'command' && listed === null) {
      const parsed = parseCommand(request.name, message.payload, message.receivedAt);
      const known = this.ofEarlierRun(message, request, parsed);
      const { origin } = originOf(message, request, this.options);
      if (known !== null) {
        return this.repeat(known, message, this.receivedOf(message, request.name, parsed, known.received.id), origin);
      }
    }
    this.refuse(message, 'shuttingDown');
    return null;
  }

  private consider(
    message: InboundMessage,
    name: string,
    parsed: ParsedCommand,
    listed: ListedCar,
    { origin, hint, waitedMs }: { readonly origin: Origin; readonly hint: string | null; readonly waitedMs: number },
  ): Handover {
    const { id, isNamed, fingerprint } = this.identify(message, name, parsed, listed);
    const received = this.receivedOf(message, name, parsed, id, hint);
    if (message.retain) return this.reject(received, origin, 'retained', null, null);
    if (!parsed.ok) return this.reject(received, origin, parsed.reason, parsed.message, parsed.hint);
    const why = forbidden(parsed.command, this.options.controlsOf(listed.account));
    if (why !== null) return this.reject(received, origin, why, null, null);
    const admission = this.ledger.admit(id, fingerprint);
    switch (admission.type) {
      case 'repeated':
        return { type: 'answered', kept: this.repeat(admission.entry, message, received, origin) };
      case 'reused':
        return this.reject(received, origin, 'idReused', null, null);
      case 'full':
        return this.reject(received, origin, 'queueFull', 'Too many commands came within ten minutes.', null);
      case 'new':
        break;
    }
    if (this.mayHaveCome(message, parsed, isNamed)) {
      return { type: 'answered', kept: this.held.hold(message, () => this.disown(received, origin)) };
    }
    const lifeMs = expiryOf(message, parsed.expiresAt);
    const expiresInMs = lifeMs === null ? null : lifeMs - waitedMs;
    if (expiresInMs !== null && expiresInMs <= 0) return this.reject(received, origin, 'expired', null, null);
    const { payload, receivedAt } = message;
    const expiresAt = lifeMs === null ? null : receivedAt + lifeMs;
    const taken = { received, isNamed, car: listed, origin, fingerprint, payload, expiresAt };
    const { entry, kept } = this.ledger.take(taken);
    // What is on its way need not wait for the disk: the journal keeps the order, and the call waits for its own line.
    this.ledger.whenKept(entry, kept, () => this.publisher.accepted(origin, acceptedRecord(received)));
    entry.safe = this.ledger.whenSafe(entry, kept);
    return { type: 'command', id, listed, command: parsed.command, receivedAt, expiresInMs, kept: entry.safe };
  }

  /** Which command a message is, and what makes it the same as another one. */
  private identify(message: InboundMessage, name: string, parsed: ParsedCommand, { account, car }: ListedCar) {
    const fingerprint = `${account}/${car.id}/${workOf(name, message)}`;
    const named = idOf(message, parsed);
    const again = named === null && message.dup ? this.ledger.redelivered(fingerprint) : null;
    return { id: named ?? again ?? this.randomness.id(), isNamed: named !== null, fingerprint };
  }

  /** Whether an earlier run may have carried this out, of which nobody knows. */
  private mayHaveCome({ dup, retain }: InboundMessage, parsed: ParsedCommand, isNamed: boolean): boolean {
    if (!this.ledger.isBlind || retain || !parsed.ok) return false;
    return parsed.command.name !== 'refresh' && (isNamed || dup);
  }

  /** Says what is known of a command that may have been carried out. */
  private disown(received: Received, origin: Origin): void {
    const ending: Ending = {
      status: 'unknown',
      reason: 'journalUnavailable',
      message: 'What was done before cannot be read: it may or may not have been carried out. It was not sent now.',
      attempts: 0,
      actionId: null,
    };
    this.publisher.answer(origin, finalRecord(received, ending, { finishedAt: this.clock.now() }));
  }

  /** The command that this repeats, of an earlier run whose car nobody has listed since: to answer it takes no car. */
  private ofEarlierRun(
    message: InboundMessage,
    request: { readonly car: string; readonly name: string },
    parsed: ParsedCommand,
  ): Entry | null {
    const id = idOf(message, parsed);
    if (message.retain || !parsed.ok || (id === null && !message.dup)) return null;
    return this.ledger.repeated(id, { topicName: request.car, work: workOf(request.name, message) });
  }

  /** @returns until when the broker should keep the message; null when it is done with. */
  private repeat(entry: Entry, message: InboundMessage, received: Received, origin: Origin): Promise<unknown> | null {
    const { record } = entry;
    // The broker does not know that we have it, so it is the very same message, and the answer is on its way or told.
    if (message.dup) return entry.safe.then<unknown>((unkept) => unkept ?? entry.told);
    if (record !== null) {
      this.ledger.whenKept(entry, Promise.resolve(true), () => this.publisher.answer(origin, duplicateOf(record)));
      return entry.told;
    }
    const kept = this.ledger.addTwin(entry, origin);
    if (kept !== null) return this.ledger.whenSafe(entry, kept);
    this.reject(received, origin, 'queueFull', 'The same command was repeated too often.', null);
    return null;
  }

  /** A car that nobody has: answered, but not so often that somebody could flood the broker through us. */
  private refuseStranger(
    message: InboundMessage,
    name: string,
    parsed: ParsedCommand,
    { origin, hint }: { readonly origin: Origin; readonly hint: string | null },
    mayBeEarly: boolean,
  ): Handover {
    const named = idOf(message, parsed);
    const received = this.receivedOf(message, name, parsed, named ?? this.randomness.id(), hint);
    if (this.mayHaveCome(message, parsed, named !== null)) {
      this.disown(received, origin);
      return ANSWERED;
    }
    const elapsed = this.clock.elapsed();
    if (elapsed - this.strangers.since >= MINUTE_MS) this.strangers = { since: elapsed, count: 0 };
    this.strangers.count += 1;
    if (this.strangers.count > UNKNOWN_CAR_ANSWERS_A_MINUTE) return ANSWERED;
    if (mayBeEarly && !parsed.ok) return this.reject(received, origin, parsed.reason, parsed.message, parsed.hint);
    return this.reject(received, origin, message.retain ? 'retained' : 'unknownCar', null, null);
  }

  private reject(
    received: Received,
    origin: Origin,
    reason: Reason,
    message: string | null,
    hint: string | null,
  ): Handover {
    this.publisher.answer(origin, refusedRecord(received, { reason, message, hint }, { finishedAt: this.clock.now() }));
    return ANSWERED;
  }

  private receivedOf(
    message: InboundMessage,
    command: string,
    parsed: ParsedCommand,
    id: string,
    hint: string | null = null,
  ): Received {
    const ignored = parsed.ok ? parsed.ignored : [];
    return { id, command, receivedAt: message.receivedAt, ignored, simulated: this.options.simulated, hint };
  }
}
