import { bluelinkyFlow } from './bluelinky-flow.ts';
import type { LoginFlow, LoginFlowName } from './login-flow.ts';
import { oneAppFlow } from './one-app-flow.ts';
import { refreshTokenFlow } from './refresh-token-flow.ts';

/** The ways to log in, in the order in which they are tried when the configuration does not say. */
export const FLOWS: readonly LoginFlow[] = [refreshTokenFlow, oneAppFlow, bluelinkyFlow];

/** The flows for a password, in the configured order. A token in place of a password is good for nothing else. */
export function flowsFor(password: string, configured: readonly LoginFlowName[]): readonly LoginFlow[] {
  if (refreshTokenFlow.accepts(password)) return [refreshTokenFlow];
  const wanted = configured.length === 0 ? FLOWS : FLOWS.filter(({ name }) => configured.includes(name));
  const inOrder =
    configured.length === 0
      ? wanted
      : [...wanted].sort((a, b) => configured.indexOf(a.name) - configured.indexOf(b.name));
  return inOrder.filter((flow) => flow.accepts(password));
}
