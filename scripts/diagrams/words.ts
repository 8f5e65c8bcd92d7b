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

function pathOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${pathOf(inner)}`)
    .join(' ');
}

/** `isOlder`, `isOutage and hasVisitsLeft`, `in refreshing.calling`; null where there is none. */
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
  if ('stateValue' in guard) return `in ${pathOf(guard.stateValue)}`;
  return guard.name;
}
