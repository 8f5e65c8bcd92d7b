import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Every metric of the daemon, in one place. Labels are bounded: names of accounts as the configuration has them, and words
 * of ours. Neither cars nor senders, so that neither their number nor what they say makes new series.
 */

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const COMMAND_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];
const WAITERS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export type Instruments = ReturnType<typeof createInstruments>;

/** A registry of its own with all metrics in it; prom-client's global one stays empty. */
export function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });
  const histogram = <L extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram<L>({ name, help, buckets, labelNames, registers });

  return {
    registry,
    info: gauge('bluelinkd_info', 'Always 1; the versions are in the labels.', ['version', 'node']),

    // The token
    refreshes: counter(
      'bluelinkd_refreshes_total',
      'Visits of a token to `refreshing`, by why they began and what came of them: `succeeded`, `stored` (at start, the session in the state folder is still good), `kept` (a renewal failed, the session is still good), `adopted` (somebody logged in beside the daemon), or the reason of the failure.',
      ['account', 'why', 'outcome'],
    ),
    refreshSeconds: histogram(
      'bluelinkd_refresh_duration_seconds',
      'How long a token was in `refreshing`, waiting for its turn at the cloud included.',
      SECONDS,
      ['why'],
    ),
    refreshWaiters: histogram(
      'bluelinkd_refresh_waiters',
      'How many commands waited for a token when its refresh ended.',
      WAITERS,
    ),
    tokenState: gauge('bluelinkd_token_state', '1 for the state that the token is in, 0 for the others.', [
      'account',
      'state',
    ]),
    tokenGeneration: gauge('bluelinkd_token_generation', 'How many tokens there have been.', ['account']),
    tokenExpiry: gauge(
      'bluelinkd_token_expiry_timestamp_seconds',
      'When the token runs out, if nobody takes it back before.',
      ['account'],
    ),
    tokenWaiting: gauge('bluelinkd_token_waiting', 'Commands that wait for a token.', ['account']),

    // Commands
    commandsAccepted: counter('bluelinkd_commands_accepted_total', 'Commands that were accepted.', ['command']),
    commands: counter(
      'bluelinkd_commands_total',
      'Commands that have ended, as their senders were told; also those that were refused at once. `reason` is `none` for success, `command` is `other` for a name that there is not.',
      ['command', 'status', 'reason'],
    ),
    commandSeconds: histogram(
      'bluelinkd_command_duration_seconds',
      'From the arrival of a command to its end. Those that were refused at once are not counted.',
      COMMAND_SECONDS,
      ['command'],
    ),
    retries: counter(
      'bluelinkd_retries_total',
      'Calls that were repeated with a newer token because the one before was refused.',
      ['account'],
    ),
    retriedCommands: counter(
      'bluelinkd_retried_commands_total',
      'Commands and reads that have ended and had a call repeated after a refresh.',
      ['account'],
    ),
    retriedSucceeded: counter(
      'bluelinkd_retried_commands_succeeded_total',
      'Those among them that succeeded: together the success rate after a refresh.',
      ['account'],
    ),

    // The breaker
    breakerState: gauge('bluelinkd_breaker_state', '1 for the state that the breaker is in, 0 for the others.', [
      'account',
      'state',
    ]),
    breakerChanges: counter(
      'bluelinkd_breaker_changes_total',
      'Changes of the breaker, by the state that it went to.',
      ['account', 'to'],
    ),
    breakerLine: gauge('bluelinkd_breaker_line', 'Callers that wait for their turn at the cloud.', ['account']),
    permits: gauge('bluelinkd_permits', 'Permits to call that are out.', ['account']),

    // The cloud
    calls: counter(
      'bluelinkd_calls_total',
      'Calls to the cloud, by kind and outcome: `ok`, or the kind of the failure. Sessions that needed no call count as `ok`.',
      ['account', 'kind', 'outcome'],
    ),
    callSeconds: histogram('bluelinkd_call_duration_seconds', 'How long calls took.', SECONDS, ['kind']),
    callsInFlight: gauge('bluelinkd_calls_in_flight', 'Calls that are being made.', ['account']),
    budgetUsed: gauge('bluelinkd_budget_calls', 'HTTP requests of this day (UTC).', ['account']),
    budgetLeft: gauge('bluelinkd_budget_calls_left', 'What `budget.calls_per_day` leaves; absent without a limit.', [
      'account',
    ]),
    forcedReads: gauge(
      'bluelinkd_budget_forced_reads',
      'Cars that were woken in the last 24 hours, all cars together.',
      ['account'],
    ),
    serverLeft: gauge(
      'bluelinkd_cloud_calls_left',
      'What the cloud itself says is left; absent until it has said it.',
      ['account'],
    ),

    // Cars
    cars: gauge('bluelinkd_cars', 'Cars of the account; absent until the list has been read.', ['account']),
    vehicleQueue: gauge('bluelinkd_vehicle_queue', 'Controls that wait for their turn, all cars together.', [
      'account',
    ]),
    vehicleQueueMax: gauge('bluelinkd_vehicle_queue_max', 'The same for the car with the most.', ['account']),

    // The broker
    mqttConnected: gauge('bluelinkd_mqtt_connected', 'Whether the broker is connected: 1 or 0.'),
    mqttConnects: counter('bluelinkd_mqtt_connects_total', 'Connections to the broker, the first included.'),
    mqttMessages: counter('bluelinkd_mqtt_messages_total', 'Messages that came (`in`) and were published (`out`).', [
      'direction',
    ]),

    // The daemon
    actors: gauge('bluelinkd_actors', 'Actors that live.', ['kind']),
    journalUsable: gauge(
      'bluelinkd_journal_usable',
      'Whether the journal can be written: 1 or 0; without it controls are refused.',
    ),
    restarts: counter('bluelinkd_actor_restarts_total', 'Actors that died and were started anew.', ['kind']),
    // Prometheus keeps the label `quantile` for summaries.
    eventLoopDelay: gauge(
      'bluelinkd_event_loop_delay_seconds',
      'How much later than due the event loop came round, since the scrape before.',
      ['percentile'],
    ),
    processCpu: counter('process_cpu_seconds_total', 'Processor time of the process, user and system.'),
    processMemory: gauge('process_resident_memory_bytes', 'Memory of the process that is in RAM.'),
    processStart: gauge('process_start_time_seconds', 'When the process was started, Unix time.'),
    heapUsed: gauge('nodejs_heap_size_used_bytes', 'Heap that is in use.'),
    heapTotal: gauge('nodejs_heap_size_total_bytes', 'Heap that is reserved.'),
    externalMemory: gauge('nodejs_external_memory_bytes', 'Memory outside the heap that belongs to objects in it.'),
  };
}
