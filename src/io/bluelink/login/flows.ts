import type { LoginFlow, LoginFlowName } from './login-flow.ts';
import { refreshTokenFlow } from './refresh-token-flow.ts';

/**
 * The flows for a password, of those that a region has, in the configured order. A token in place of a password is good
 * for nothing else.
 */
export function flowsFor(
  regional: readonly LoginFlow[],
  password: string,
  configured: readonly LoginFlowName[],
): readonly LoginFlow[] {
  if (regional.includes(refreshTokenFlow) && refreshTokenFlow.accepts(password)) return [refreshTokenFlow];
  const wanted = configured.length === 0 ? regional : regional.filter(({ name }) => configured.includes(name));
  const inOrder =
    configured.length === 0
      ? wanted
      : [...wanted].sort((a, b) => configured.indexOf(a.name) - configured.indexOf(b.name));
  return inOrder.filter((flow) => flow.accepts(password));
}
