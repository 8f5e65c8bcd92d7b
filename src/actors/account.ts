import type { AccountInput, AccountPlan, Birth } from '../machines/account.glossary.ts';
import { accountMachine } from '../machines/account.machine.ts';
import { breakerMachine } from '../machines/breaker.machine.ts';
import { createCommand } from './command.ts';
import { buryEffect, type ChildToSpawn, logEffect, type Surroundings, sendEffect, spawnEffect } from './effects.ts';
import type { Clock, CloudPort } from './ports.ts';
import { createListReader, createToken } from './token.ts';
import { createVehicle } from './vehicle.ts';

/** One account with everything that lives under it, bound to its cloud. The logic is made once, however many cars. */
export function createAccount(cloud: CloudPort, surroundings: Surroundings) {
  const send = sendEffect(surroundings);
  const log = logEffect(surroundings);
  const token = createToken(cloud, surroundings);
  const breaker = breakerMachine.provide({ actions: { send, log } });
  const command = createCommand(cloud, surroundings);
  const vehicle = createVehicle(command, surroundings);
  const logicOf = (birth: Birth): ChildToSpawn['logic'] => {
    switch (birth.kind) {
      case 'token':
        return token;
      case 'breaker':
        return breaker;
      case 'vehicle':
        return vehicle;
      case 'command':
        return command;
    }
  };
  return accountMachine.provide({
    actions: {
      send,
      log,
      spawn: spawnEffect<Birth>((birth) => ({ id: birth.id, logic: logicOf(birth), input: birth.input })),
      bury: buryEffect((id: string) => id),
    },
    actors: { readList: createListReader(cloud) },
  });
}

/** What an account begins with at this moment: one that follows a dead one forgets nothing that its cloud knows. */
export function accountInput(plan: AccountPlan, cloud: CloudPort, clock: Clock): AccountInput {
  const { visitWindowMs } = plan.settings;
  const visitsForgottenInMs = cloud
    .recentVisits()
    // A clock that was set back makes no visit last longer.
    .map((at) => Math.min(at + visitWindowMs - clock.now(), visitWindowMs))
    .filter((leftMs) => leftMs > 0);
  return { ...plan, generation: cloud.generation(), visitsForgottenInMs };
}
