export interface ResponseTopicRules {
  readonly base: string;
  readonly discoveryPrefix: string;
  /** Topics at or below which answers may go. None by default. */
  readonly allowedPrefixes: readonly string[];
}

const LONGEST = 1_024;

/**
 * Whether the result may also go to the response topic that the sender of a command named. A sender must not make us
 * write where he may not write himself, so our own topics are refused whatever the list says.
 *
 * @returns null if it may, else why not: one sentence for the hint of the result.
 */
export function responseTopicRefusal(topic: string, rules: ResponseTopicRules): string | null {
  if (topic === '' || topic.length > LONGEST)
    return 'The response topic is empty or too long; the result came here only.';
  if (/[+#\p{Cc}]/u.test(topic)) {
    return 'The response topic has a wildcard or a control character; the result came here only.';
  }
  if (topic.startsWith('$') || isAtOrBelow(topic, rules.base) || isAtOrBelow(topic, rules.discoveryPrefix)) {
    return 'The response topic is one that the daemon keeps for itself; the result came here only.';
  }
  if (!rules.allowedPrefixes.some((prefix) => isAtOrBelow(topic, prefix))) {
    return 'The response topic is not under an allowed prefix; the result came here only.';
  }
  return null;
}

function isAtOrBelow(topic: string, prefix: string): boolean {
  const parent = prefix.replace(/\/+$/, '');
  return parent !== '' && (topic === parent || topic.startsWith(`${parent}/`));
}
