import type { LogEntry } from '../wire.ts';

/** The gateway's names for what a token does at the cloud, and nobody else. */
const OF_THE_TOKEN: ReadonlySet<unknown> = new Set(['refresh', 'signIn', 'login']);
/** Who writes without an account. The broker's own lines are the bridge's: nobody else speaks with it. */
const ROOTS: Readonly<Record<string, string>> = { fleet: 'fleet', bridge: 'bridge', mqtt: 'bridge' };
const OF_AN_ACCOUNT: ReadonlySet<string> = new Set(['token', 'breaker']);

/**
 * Whose a line of the log is. It says the kind of the actor that wrote it (`token`, `gateway`, `command`), mostly the
 * account, and the id of the command where it is about one; an address only where an actor has died.
 *
 * @param addressOf where the command of an id lives, or lived.
 * @returns the addresses that it is of: the fleet's for what is nobody's in particular.
 */
export function addressesOfLine(
  fields: LogEntry['fields'],
  addressOf: (commandId: string) => string | undefined,
): readonly string[] {
  const { actor, account } = fields;
  const kind = typeof actor === 'string' ? actor : '';
  const commandId = commandOfLine(fields);
  const root = ROOTS[kind];
  const own = commandId === null ? undefined : addressOf(commandId);
  const found = [
    ...(root === undefined ? [] : [root]),
    ...(own === undefined ? [] : [own]),
    ...(own === undefined && typeof account === 'string' ? [placeIn(account, kind, fields)] : []),
  ];
  return found.length > 0 ? found : [kind.startsWith('account/') ? kind : 'fleet'];
}

/** The id of the command that the line is about; null if it is about none. */
export const commandOfLine = ({ id }: LogEntry['fields']): string | null => (typeof id === 'string' ? id : null);

function placeIn(account: string, kind: string, { id, call }: LogEntry['fields']): string {
  if (OF_AN_ACCOUNT.has(kind)) return `account/${account}/${kind}`;
  const isTokens = kind === 'gateway' && typeof id !== 'string' && OF_THE_TOKEN.has(call);
  return isTokens ? `account/${account}/token` : `account/${account}`;
}
