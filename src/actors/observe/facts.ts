import type { AccountContext } from '../../machines/account.glossary.ts';
import type { BreakerContext } from '../../machines/breaker.glossary.ts';
import type { CommandContext } from '../../machines/command.glossary.ts';
import type { TokenContext } from '../../machines/token.glossary.ts';
import type { VehicleContext } from '../../machines/vehicle.glossary.ts';
import type { ActorKind, Facts } from './observation.ts';

/** Which part of an actor's memory may be seen: numbers and words of ours, never what a car or a person said. */
export function factsOf(kind: ActorKind, context: unknown): Facts {
  switch (kind) {
    case 'token':
      return tokenFacts(context as TokenContext);
    case 'breaker':
      return breakerFacts(context as BreakerContext);
    case 'vehicle':
      return vehicleFacts(context as VehicleContext);
    case 'command':
    case 'list':
      return commandFacts(context as CommandContext);
    case 'account':
      return accountFacts(context as AccountContext);
    case 'bridge':
    case 'fleet':
      return { kind };
  }
}

function tokenFacts(context: TokenContext): Facts {
  const { generation, lifetimeMs, why, waiting, refused, visits, failures, failure } = context;
  return {
    kind: 'token',
    generation,
    lifetimeMs,
    why,
    waiting: waiting.length,
    refused: refused.length,
    visits,
    failures,
    reason: failure === null ? null : failure.reason,
  };
}

function breakerFacts({ out, line, failures, openings, openForMs }: BreakerContext): Facts {
  return {
    kind: 'breaker',
    out: out.length,
    line: line.length,
    controlFailures: failures.control,
    readFailures: failures.read,
    tokenFailures: failures.token,
    openings,
    openForMs,
  };
}

function vehicleFacts({ queue, running, cached, forced, closing }: VehicleContext): Facts {
  const items = [cached.running, cached.waiting, forced.running, forced.waiting];
  return {
    kind: 'vehicle',
    queue: queue.length,
    running: running === null ? null : running.command.name,
    reads: items.filter((item) => item !== null).length,
    closing,
  };
}

function commandFacts(context: CommandContext): Facts {
  const { id, command, purpose, used, calls, retried, reregistered, busyRepeats, looks, word } = context;
  return {
    kind: 'command',
    id,
    command: command.name,
    purpose,
    generation: used.generation,
    scope: used.scope,
    calls,
    retried,
    reregistered,
    busyRepeats,
    looks,
    word,
    actionId: context.actionId,
    status: context.ending === null ? null : context.ending.status,
    reason: context.ending === null ? null : context.ending.reason,
    confirmed: context.confirmed,
  };
}

function accountFacts({ status, restarts, failures }: AccountContext): Facts {
  return { kind: 'account', cars: status.cars, restarts: restarts.length, failures };
}
