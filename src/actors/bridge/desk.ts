import { type Controls, forbidden } from '../../machines/domain/arming.ts';
import type { Command, Reason } from '../../machines/domain/command.ts';
import { payloadHash } from '../contract/dedupe-key.ts';
import { fitCommand } from '../contract/fit-command.ts';
import { idOfCorrelationData } from '../contract/message-id.ts';
import { type ParsedCommand, parseCommand } from '../contract/parse-command.ts';
import { acceptedRecord, duplicateOf, type Received, refusedRecord } from '../contract/records.ts';
import { responseTopicRefusal } from '../contract/response-topic.ts';
import { parseTopic, type Topics } from '../contract/topics.ts';
import type { Clock, InboundMessage, Origin, Randomness } from '../ports.ts';
import type { Directory, ListedCar } from './directory.ts';
import type { Entry } from './entry.ts';
import type { Ledger } from './ledger.ts';
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

export interface DeskOptions {
  readonly topics: Topics;
  readonly discoveryPrefix: string;
  readonly responsePrefixes: readonly string[];
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
  private readonly options: DeskOptions;
  private strangers = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(
    parts: {
      readonly clock: Clock;
      readonly randomness: Randomness;
      readonly directory: Directory;
      readonly ledger: Ledger;
      readonly publisher: Publisher;
    },
    options: DeskOptions,
  ) {
    this.clock = parts.clock;
    this.randomness = parts.randomness;
    this.directory = parts.directory;
    this.ledger = parts.ledger;
    this.publisher = parts.publisher;
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
    if (listed === null && mayBeEarly && parsed.ok) return { type: 'early' };
    const origin = this.originOf(message, request.car, request.name);
    if (listed === null) return this.refuseStranger(message, request.name, parsed, origin, mayBeEarly);
    return this.consider(message, request.name, fitCommand(parsed, listed.car), listed, { ...origin, waitedMs });
  }

  /** Answers a message that nobody will look at. @param why a sentence, null for that of the reason. */
  refuse(message: InboundMessage, reason: Reason, why: string | null = null): void {
    const request = parseTopic(this.options.topics.base, message.topic);
    if (request?.kind !== 'command') return;
    const parsed = parseCommand(request.name, message.payload, message.receivedAt);
    const received = this.receivedOf(message, request.name, parsed, this.idOf(message, parsed) ?? this.randomness.id());
    const { origin } = this.originOf(message, request.car, request.name);
    // What is not executed in any case is told so, whatever else there is to tell.
    if (message.retain) this.reject(received, origin, 'retained', null, null);
    else this.reject(received, origin, reason, why, null);
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
      const { id, fingerprint } = this.identify(message, request.name, parsed, listed);
      const admission = this.ledger.admit(id, fingerprint);
      if (parsed.ok && admission.type === 'repeated') {
        const { origin } = this.originOf(message, request.car, request.name);
        const received = this.receivedOf(message, request.name, parsed, id);
        return this.repeat(admission.entry, message, received, origin);
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
    const lifeMs = expiryOf(message, parsed.expiresAt);
    const expiresInMs = lifeMs === null ? null : lifeMs - waitedMs;
    if (expiresInMs !== null && expiresInMs <= 0) return this.reject(received, origin, 'expired', null, null);
    const { payload, receivedAt } = message;
    const expiresAt = lifeMs === null ? null : receivedAt + lifeMs;
    const taken = { received, isNamed, car: listed, origin, fingerprint, payload, expiresAt };
    const { entry, kept } = this.ledger.take(taken);
    // What is on its way need not wait for the disk: the journal keeps the order, and the call waits for its own line.
    this.ledger.whenKept(entry, kept, () => this.publisher.accepted(origin, acceptedRecord(received)));
    const safe = this.ledger.whenSafe(entry, kept);
    return { type: 'command', id, listed, command: parsed.command, receivedAt, expiresInMs, kept: safe };
  }

  /** Which command a message is, and what makes it the same as another one. */
  private identify(message: InboundMessage, name: string, parsed: ParsedCommand, { account, car }: ListedCar) {
    const fingerprint = `${account}/${car.id}/${name}/${payloadHash(message.payload)}`;
    const named = this.idOf(message, parsed);
    const again = named === null && message.dup ? this.ledger.redelivered(fingerprint) : null;
    return { id: named ?? again ?? this.randomness.id(), isNamed: named !== null, fingerprint };
  }

  /** @returns until when the broker should keep the message; null when it is done with. */
  private repeat(entry: Entry, message: InboundMessage, received: Received, origin: Origin): Promise<unknown> | null {
    const { record } = entry;
    // The broker does not know that we have it, so it is the very same message, and the answer is on its way or told.
    if (message.dup) return entry.told;
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
    const elapsed = this.clock.elapsed();
    if (elapsed - this.strangers.since >= MINUTE_MS) this.strangers = { since: elapsed, count: 0 };
    this.strangers.count += 1;
    if (this.strangers.count > UNKNOWN_CAR_ANSWERS_A_MINUTE) return ANSWERED;
    const id = this.idOf(message, parsed) ?? this.randomness.id();
    const received = this.receivedOf(message, name, parsed, id, hint);
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

  private idOf(message: InboundMessage, parsed: ParsedCommand): string | null {
    if (parsed.id !== null) return parsed.id;
    return message.correlationData === null ? null : idOfCorrelationData(message.correlationData);
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

  private originOf(
    message: InboundMessage,
    car: string,
    name: string,
  ): { readonly origin: Origin; readonly hint: string | null } {
    const { topics, discoveryPrefix, responsePrefixes } = this.options;
    const rules = { base: topics.base, discoveryPrefix, allowedPrefixes: responsePrefixes };
    const wanted = message.responseTopic;
    const hint = wanted === null ? null : responseTopicRefusal(wanted, rules);
    const origin: Origin = {
      resultTopic: topics.result(car, name),
      responseTopic: hint === null ? wanted : null,
      correlationData: message.correlationData,
    };
    return { origin, hint };
  }
}

/** ms until the sender no longer wants it: the earlier of what the message and its text say. */
function expiryOf(message: InboundMessage, expiresAt: number | null): number | null {
  const byMessage = message.messageExpiryS === null ? null : message.messageExpiryS * 1000;
  const byText = expiresAt === null ? null : expiresAt - message.receivedAt;
  if (byMessage === null || byText === null) return byMessage ?? byText;
  return Math.min(byMessage, byText);
}
