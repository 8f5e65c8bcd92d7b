import type { Alone } from './closing.ts';
import type { Exploration } from './explore.ts';
import { type Taken, UNTAKEN } from './suites.ts';

const LABEL_WIDTH = 92;
function row(cells: readonly (string | number)[]): string {
  const [name = '', ...numbers] = cells.map(String);
  return [name.padEnd(LABEL_WIDTH), ...numbers.map((cell) => cell.padStart(10))].join('').trimEnd();
}

/** One line for each exploration: what was seen, and how long it took. */
export function table(explorations: readonly Exploration[], alone: readonly Alone[]): string {
  const sum = (of: (exploration: Exploration) => number) => explorations.reduce((total, one) => total + of(one), 0);
  return [
    row(['slice', 'messages', 'states', 'edges', 'ms', 'found']),
    ...explorations.map(({ slice, states, edges, ms, found }) =>
      row([slice.name, slice.mode, states, edges, ms, found === null ? '-' : found.invariant]),
    ),
    ...alone.map(({ name, states, edges, wrong }) => row([name, 'alone', states, edges, '', wrong ?? '-'])),
    row(['together', '', sum(({ states }) => states), sum(({ edges }) => edges), sum(({ ms }) => ms)]),
  ].join('\n');
}

/** How many transitions of each machine were taken, and why some were not. */
export function transitionsTable(taken: readonly Taken[]): string {
  return [
    row(['transitions of', 'taken', 'of', 'excused']),
    ...taken.flatMap(({ machine, total, missing, excused }) => [
      row([`  ${machine}`, total - missing.length - excused.length, total, excused.length]),
      ...missing.map((name) => `      NOT TAKEN  ${name}`),
      ...excused.map((name) => `      excused    ${name}: ${UNTAKEN[name]}`),
    ]),
  ].join('\n');
}
