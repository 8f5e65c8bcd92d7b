import { type AccountContext, isServing } from '../../../src/machines/account.glossary.ts';
import type { BreakerContext } from '../../../src/machines/breaker.glossary.ts';
import type { TokenContext } from '../../../src/machines/token.glossary.ts';
import type { VehicleContext } from '../../../src/machines/vehicle.glossary.ts';
import { ACCOUNT, BREAKER, shortName, TOKEN } from '../addresses.ts';
import { contextOf, fail, type Invariant } from './kit.ts';

/** Deadlines are for accidents: as long as calls end, or are ended, nobody's wait for an answer runs out. */
export const everyAskAnswered: Invariant = {
  name: 'everyAskAnswered',
  promise: 'Deadlines are for accidents: while calls end, nobody waits for an answer until its deadline.',
  onEvent: ({ address, before, event, timeOver }, ghost, { withAccount, budgets }) => {
    // A permit that a bug has lost fills its place until it is taken back.
    if ((budgets.lostReport ?? 0) > 0) return ghost;
    // A call that waits for a car is never the probe; without an account nobody else asks for it.
    const deadline = withAccount ? /^xstate\.after\.(tokenWait|permitWait)\./ : /^xstate\.after\.tokenWait\./;
    if (timeOver && deadline.test(event.type)) {
      fail('everyAskAnswered', address, `gets no answer in ${before?.value}`);
    }
    return ghost;
  },
};

export const boundedMemory: Invariant = {
  name: 'boundedMemory',
  promise: 'Queues, lines and waiting lists stay within their bounds.',
  onEvent: ({ address, after, before }, ghost, { settings }) => {
    if (after === before || after.done) return ghost;
    const over = (what: string, length: number, limit: number) => {
      if (length > limit) fail('boundedMemory', address, `has ${length} ${what}, ${limit} are allowed`);
    };
    if (after.kind === 'token') {
      const { waiting, refused } = contextOf<TokenContext>(after);
      over('waiters', waiting.length + refused.length, settings.waiterLimit);
    }
    if (after.kind === 'breaker') over('askers', contextOf<BreakerContext>(after).line.length, settings.lineLimit);
    if (after.kind === 'vehicle') {
      const waiting = contextOf<VehicleContext>(after).queue.filter(({ dropped }) => !dropped);
      over('commands', waiting.length, settings.queueLimit);
    }
    return ghost;
  },
};

/** At rest nobody waits and nobody holds anything; that rest is reachable from everywhere, the exploration itself checks. */
export const noDeadlock: Invariant = {
  name: 'noDeadlock',
  promise: 'At rest nobody waits and no permit is out, and from every state such a rest can be reached.',
  onRest: ({ actors, flights }, { withAccount }) => {
    if (flights.length > 0) return `${flights[0]?.address} has a call that never ends.`;
    const token = actors.get(TOKEN);
    if (token !== undefined) {
      const { waiting, refused } = contextOf<TokenContext>(token);
      const left = [...waiting, ...refused][0];
      if (left !== undefined) return `${shortName(left.from)} waits for the token for ever.`;
      const good = ['valid', 'cooldown.proving', 'failed.terminal'];
      if (!good.includes(token.value)) return `The token stays in ${token.value} for ever.`;
    }
    const account = actors.get(ACCOUNT);
    if (account !== undefined && isServing(contextOf<AccountContext>(account)) && !account.value.includes('cars.known'))
      return 'The account never finds its cars.';
    const breaker = actors.get(BREAKER);
    if (breaker !== undefined) {
      const { line, out } = contextOf<BreakerContext>(breaker);
      if (line[0] !== undefined) return `${shortName(line[0].holder)} stands in line for ever.`;
      if (out[0] !== undefined) return `The permit ${out[0].permit} never comes back.`;
      if (breaker.value === 'open' || (breaker.value === 'halfOpen' && withAccount))
        return `The breaker stays ${breaker.value} for ever.`;
    }
    return null;
  },
};
