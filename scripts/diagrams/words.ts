import type { AnyStateNode } from 'xstate';

/** What a transition is called in a picture: events, delays, calls and guards by the names of the machine's glossary. */

const AFTER = 'xstate.after.';
const DONE = 'xstate.done.actor.';
const ERROR = 'xstate.error.actor.';

function sourceOf(state: AnyStateNode, invocation: string): string {
  const found = state.invoke.find(({ id }) => id === invocation);
  return typeof found?.src === 'string' ? found.src : invocation;
}

/** `REFRESH`, `after cooldown`, `renewSession done`, `renewSession threw`, `a child died`. */
export function eventName(state: AnyStateNode, eventType: string): string {
  if (eventType === '') return 'always';
  if (eventType.startsWith(AFTER)) return `after ${eventType.slice(AFTER.length, -`.${state.id}`.length)}`;
  if (eventType.startsWith(DONE)) return `${sourceOf(state, eventType.slice(DONE.length))} done`;
  if (eventType === `${ERROR}*`) return 'a child died';
  if (eventType.startsWith(ERROR)) return `${sourceOf(state, eventType.slice(ERROR.length))} threw`;
  return eventType;
}

/** The innermost state of a state value. */
function leafOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(leafOf).join(' ');
}

/** `isOlder`, `isOutage and hasVisitsLeft`, `in loggingIn`; null where there is none. */
export function guardName(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object') return 'type' in guard ? String(guard.type) : null;
  if (typeof guard !== 'function') return null;
  if ('guards' in guard && Array.isArray(guard.guards)) {
    const word = guard.name.startsWith('or') ? 'or' : guard.name.startsWith('not') ? 'not' : 'and';
    const names = guard.guards.map(guardName);
    return word === 'not' ? `not ${names.join()}` : names.join(` ${word} `);
  }
  if ('stateValue' in guard) return `in ${leafOf(guard.stateValue)}`;
  return guard.name;
}

/** These say little in a picture: what is logged, and housekeeping. */
const UNTOLD: ReadonlySet<string> = new Set(['log', 'startTimers', 'stopTimers', 'bury']);
const DATA: ReadonlySet<string> = new Set(['send', 'update', 'raise', 'spawn']);

/** `answerReady` of `send(answerReady)`, `takeMessage`; null for what is not told. */
export function actionName(action: unknown): string | null {
  if (typeof action === 'string') return UNTOLD.has(action) ? null : action;
  if (typeof action !== 'object' || action === null || !('type' in action)) return null;
  const type = String(action.type);
  if (UNTOLD.has(type)) return null;
  if (!DATA.has(type)) return type;
  return 'params' in action && typeof action.params === 'function' ? action.params.name || null : null;
}
