import { BREAKER_BUGS } from './mutations/breaker.ts';
import { COMMAND_BUGS } from './mutations/command.ts';
import type { Seeded } from './mutations/seeding.ts';
import { TOKEN_BUGS } from './mutations/token.ts';

/** Seeded bugs: a checker that never fails proves nothing. */
export const MUTATIONS: readonly Seeded[] = [...TOKEN_BUGS, ...BREAKER_BUGS, ...COMMAND_BUGS];
