/**
 * What is wrong with a topic (or prefix) that the configuration names, as the end of a sentence; null if it is fine.
 * Wildcards, `$` topics, control characters and empty levels are refused, and Home Assistant's discovery prefix, which is
 * not ours to write under by such a key.
 */
export function topicProblem(topic: string): string | null {
  if (topic.length > 128) return 'must have at most 128 characters';
  if (/[+#]/.test(topic)) return 'must not contain the wildcards + and #';
  if (topic.startsWith('$')) return 'must not begin with $';
  if (/\p{Cc}/u.test(topic)) return 'must not contain control characters';
  if (topic.split('/').includes('')) return 'must not begin or end with / or contain //';
  if (topic === 'homeassistant' || topic.startsWith('homeassistant/')) return 'must not lie under homeassistant';
  return null;
}
