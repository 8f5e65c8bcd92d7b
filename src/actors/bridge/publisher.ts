import type { Ending } from '../../machines/domain/command.ts';
import type { AccountStatus } from '../../machines/domain/events.ts';
import type { Reading, ReadMethod } from '../../machines/domain/vehicle-state.ts';
import { renderAccount } from '../contract/account-view.ts';
import { type ActionMessage, actionEnded, actionStarted } from '../contract/actions.ts';
import { isoTime } from '../contract/iso-time.ts';
import {
  ERROR_TOPIC,
  type LocationPolicy,
  leftUnsaid,
  type RenderedReading,
  renderError,
  renderReadings,
} from '../contract/readings.ts';
import { emptyMemory, type ReadingsMemory, selectReadings } from '../contract/readings-memory.ts';
import { type CommandRecord, duplicateOf } from '../contract/records.ts';
import { renderState } from '../contract/state.ts';
import type { Topics } from '../contract/topics.ts';
import type { BudgetReport, Clock, MessageBus, Origin, OutboundMessage, RetainedTopics } from '../ports.ts';
import type { ListedCar } from './directory.ts';
import type { AnsweringCar } from './entry.ts';

export interface PublisherOptions {
  readonly topics: Topics;
  readonly location: LocationPolicy;
  /** Publishes at every read also what has not changed; absent: only where nothing is retained. */
  readonly republishUnchanged?: boolean;
  readonly retained: RetainedTopics;
  readonly simulated: boolean;
  readonly version: string;
  /** Where the cloud is, if not at the vendor's; for `bridge/info`. */
  readonly cloudUrl: string | null;
  readonly budgetOf: (account: string) => BudgetReport;
  /** Of an account's cloud. What is told by that clock is published by ours. */
  readonly clockAheadMs: (account: string) => number;
}

interface ShownAccount {
  /** Its time by our clock: it is put into that once, when it is told. */
  readonly status: AccountStatus;
  /** The cars' names in topics, by the cloud's id. */
  readonly cars: ReadonlyMap<string, string>;
}

interface Action {
  readonly id: string;
  /** Epoch ms, of the cloud's clock. */
  readonly startedAt: number;
}

interface Shown {
  memory: ReadingsMemory;
  /** Null before the first one of this run. */
  reading: Reading | null;
  /** What an earlier run knew has been looked through. */
  isTidy: boolean;
}

/** Puts what the actors know into the topics of the contract. */
export class Publisher {
  private readonly bus: MessageBus;
  private readonly clock: Clock;
  private readonly options: PublisherOptions;
  private readonly shown = new Map<string, Shown>();
  private readonly staleAccounts = new Set<string>();
  private readonly accounts = new Map<string, ShownAccount>();
  /** When each car is polled next, epoch ms, by account and the cloud's id. */
  private readonly polls = new Map<string, number>();

  constructor(bus: MessageBus, clock: Clock, options: PublisherOptions) {
    this.bus = bus;
    this.clock = clock;
    this.options = options;
  }

  online(protocolVersion: 4 | 5): void {
    const { topics, version, cloudUrl, simulated } = this.options;
    const info = {
      version,
      mqtt: protocolVersion === 5 ? '5' : '3.1.1',
      ...(cloudUrl === null ? {} : { cloud_url: cloudUrl }),
      simulated,
    };
    this.retain(topics.bridgeInfo, JSON.stringify(info));
    this.retain(topics.bridgeState, 'online');
  }

  /** The last thing that is said: also the will. */
  static offline(topics: Topics): OutboundMessage {
    return { topic: topics.bridgeState, payload: 'offline', qos: 1, retain: true };
  }

  account(name: string, status: AccountStatus, cars: readonly ListedCar[]): void {
    const retryAt = status.retryAt === null ? null : status.retryAt - this.options.clockAheadMs(name);
    const shown = {
      status: { ...status, retryAt },
      cars: new Map(cars.map(({ car, topicName }) => [car.id, topicName])),
    };
    this.accounts.set(name, shown);
    this.showAccount(name, shown);
    this.markStale(name, status.token.state === 'failed' || status.breaker.state !== 'closed', cars);
  }

  /** What was spent has changed. While the token is refreshed there will be something to say soon anyway. */
  budgetChanged(name: string): void {
    const shown = this.accounts.get(name);
    if (shown !== undefined && shown.status.token.state !== 'refreshing') this.showAccount(name, shown);
  }

  /** @param at epoch ms; shown with what is said of the account next. */
  pollPlanned(account: string, car: string, at: number): void {
    this.polls.set(`${account}/${car}`, at);
  }

  /** @param car null: all of the account. They are down, and nobody knows yet when they are polled again. */
  pollsForgotten(account: string, car: string | null): void {
    for (const key of this.polls.keys()) {
      if (car === null ? key.startsWith(`${account}/`) : key === `${account}/${car}`) this.polls.delete(key);
    }
  }

  private showAccount(name: string, { status, cars }: ShownAccount): void {
    const { topics, budgetOf, simulated } = this.options;
    const planned = [...cars.keys()].flatMap((id) => this.polls.get(`${name}/${id}`) ?? []);
    const nextPollAt = planned.length === 0 ? null : Math.min(...planned);
    const document = renderAccount({ status, budget: budgetOf(name), cars, nextPollAt, simulated });
    this.retain(topics.bridgeAccount(name), JSON.stringify(document));
  }

  reading(listed: ListedCar, told: Reading, method: ReadMethod): void {
    const shown = this.shownOf(listed);
    const reading = { ...told, fetchedAt: this.byOurClock(listed, told.fetchedAt) };
    const at = isoTime(reading.fetchedAt);
    const rendered = renderReadings(reading, { method, location: this.options.location });
    const { memory, publish } = selectReadings(shown.memory, rendered, at, this.options.republishUnchanged);
    // A car that was asked itself tells less than the cloud knows of it.
    if (!shown.isTidy && reading.source !== 'forced') {
      this.tidyUp(listed, rendered, at);
      shown.isTidy = true;
    }
    shown.memory = memory;
    shown.reading = reading;
    for (const message of publish) this.publish(listed, message);
    this.state(listed, reading);
  }

  accepted(origin: Origin, record: CommandRecord): void {
    this.answer(origin, record);
  }

  /**
   * The final record: to whoever asked, to whoever asked the same, and as the car's last command.
   *
   * @param told called when the broker has every answer.
   */
  ended(
    car: AnsweringCar,
    origin: Origin,
    twins: readonly Origin[],
    record: CommandRecord,
    told: () => void = () => {},
  ): void {
    const ways = [origin, ...twins].reduce((count, { responseTopic }) => count + (responseTopic === null ? 1 : 2), 0);
    let left = ways;
    const delivered = () => {
      left -= 1;
      if (left === 0) told();
    };
    this.answer(origin, record, delivered);
    for (const twin of twins) this.answer(twin, duplicateOf(record), delivered);
    this.retain(this.options.topics.lastCommand(car.topicName), JSON.stringify(record));
    this.error(car, record);
  }

  /** The older bridge's topics of an action, for the automations that listen to them. */
  actionBegun(listed: AnsweringCar, action: Action): void {
    this.action(listed, action.id, actionStarted(this.byOurClock(listed, action.startedAt)));
  }

  actionEnded(listed: AnsweringCar, { id, startedAt }: Action, ending: Ending, completedAt: number): void {
    this.action(listed, id, actionEnded(ending, { startedAt: this.byOurClock(listed, startedAt), completedAt }));
  }

  private byOurClock({ account }: AnsweringCar, at: number): number {
    return at - this.options.clockAheadMs(account);
  }

  private action({ topicName }: AnsweringCar, id: string, messages: readonly ActionMessage[]): void {
    for (const { metric, payload } of messages) {
      const topic = this.options.topics.action(topicName, id, metric);
      this.bus.publish({ topic, payload, qos: 1, retain: false });
    }
  }

  /** A record that concerns no car of ours: nothing of it is retained. */
  answer({ resultTopic, responseTopic, correlationData }: Origin, record: CommandRecord, delivered?: () => void): void {
    const message = {
      payload: JSON.stringify(record),
      qos: 1,
      retain: false,
      ...(delivered === undefined ? {} : { delivered }),
    } as const;
    this.bus.publish({ ...message, topic: resultTopic });
    if (responseTopic === null) return;
    const correlation = correlationData === null ? {} : { correlationData };
    this.bus.publish({ ...message, topic: responseTopic, ...correlation });
  }

  respond(verb: string, body: object): void {
    const payload = JSON.stringify(body);
    this.bus.publish({ topic: this.options.topics.bridgeResponse(verb), payload, qos: 1, retain: false });
  }

  health(body: object): void {
    this.retain(this.options.topics.bridgeHealth, JSON.stringify(body));
  }

  /** `status/error` tells of the last command that did not succeed, until one does. */
  private error(listed: AnsweringCar, record: CommandRecord): void {
    const isError = record.status !== 'succeeded' && record.status !== 'rejected' && record.status !== 'expired';
    const isOver = record.status === 'succeeded' && this.options.retained.has(this.topicOf(listed, ERROR_TOPIC));
    if (!isError && !isOver) return;
    const at = this.clock.now();
    const error = isError
      ? { error: record.message, errorType: record.reason ?? record.status, commandType: record.command }
      : null;
    this.publish(listed, renderError(error, at));
  }

  /** What an earlier run knew, and nobody knows any more, is unknown now; what is not to be retained any more is removed. */
  private tidyUp(listed: ListedCar, rendered: readonly RenderedReading[], at: string): void {
    const { retained } = this.options;
    for (const { topic, unit, retain } of leftUnsaid(rendered)) {
      const whole = this.topicOf(listed, topic);
      if (!retained.has(whole)) continue;
      const payload = { value: null, ...(unit === undefined ? {} : { unit }), timestamp: at };
      if (retain) this.publish(listed, { topic, payload, qos: 0, retain: true });
      else {
        this.retain(whole, '');
        retained.delete(whole);
      }
    }
  }

  private state(listed: ListedCar, reading: Reading): void {
    const { location, simulated, topics } = this.options;
    const stale = this.staleAccounts.has(listed.account);
    const document = renderState(listed.car, reading, { location, stale, simulated });
    this.retain(topics.state(listed.topicName), JSON.stringify(document));
  }

  /** While the cloud cannot be asked, what is shown may be out of date. */
  private markStale(account: string, isStale: boolean, cars: readonly ListedCar[]): void {
    if (isStale === this.staleAccounts.has(account)) return;
    if (isStale) this.staleAccounts.add(account);
    else this.staleAccounts.delete(account);
    for (const listed of cars) {
      const { reading } = this.shownOf(listed);
      if (reading !== null) this.state(listed, reading);
    }
  }

  private shownOf({ topicName }: AnsweringCar): Shown {
    const known = this.shown.get(topicName);
    if (known !== undefined) return known;
    const fresh: Shown = { memory: emptyMemory(), reading: null, isTidy: false };
    this.shown.set(topicName, fresh);
    return fresh;
  }

  private topicOf({ topicName }: AnsweringCar, suffix: string): string {
    return this.options.topics.reading(topicName, suffix);
  }

  private publish(listed: AnsweringCar, message: Omit<RenderedReading, 'isAlways'>): void {
    const { topic, payload, qos, retain } = message;
    const whole = this.topicOf(listed, topic);
    if (retain && payload.value === null) this.options.retained.delete(whole);
    else if (retain) this.options.retained.add(whole);
    this.bus.publish({ topic: whole, payload: JSON.stringify(payload), qos, retain });
  }

  private retain(topic: string, payload: string): void {
    this.bus.publish({ topic, payload, qos: 1, retain: true });
  }
}
