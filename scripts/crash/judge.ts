/** A record of a command, as its sender read it. */
export interface Heard {
  readonly id: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** Byte by byte. */
  readonly text: string;
}

export interface Verdict {
  readonly id: string;
  readonly status: string;
  readonly deliveries: number;
  /** Sentences; none if all is well. */
  readonly violations: readonly string[];
}

/**
 * The different final records of a command. A repetition is told the same record, marked as a duplicate; a broker that
 * delivers again without saying so (aedes) makes a repetition of it.
 */
export function recordsOf(id: string, heard: readonly Heard[]): readonly string[] {
  const finals = heard.filter((record) => record.id === id && record.status !== 'accepted');
  return [...new Set(finals.map(({ text }) => text.replace(',"duplicate":true', '')))];
}

/** Ends that say of a control that its car was not told. */
const NOT_SENT: ReadonlySet<string> = new Set(['rejected', 'expired', 'timedOut', 'failed']);

/** The one exception: the car was told, and its own word is that it will not. */
const isCarsWord = ({ status, reason }: Heard): boolean => status === 'failed' && reason === 'carRefused';

/**
 * One command, judged from outside: an end, one and the same record whenever it is told, and the car told at most once.
 *
 * @param deliveries how often the car was told in that round.
 * @param shows whether the car is now as the command wanted it, which it was not before.
 */
export function judge(id: string, heard: readonly Heard[], deliveries: number, shows: boolean): Verdict {
  const texts = recordsOf(id, heard);
  const first = heard.find((record) => record.id === id && record.status !== 'accepted');
  const status = first === undefined ? 'nothing' : first.status;
  const violations: string[] = [];
  if (first === undefined) violations.push(`${id} has no final record.`);
  if (texts.length > 1) violations.push(`${id} has ${texts.length} different records: ${texts.join(' · ')}`);
  if (deliveries > 1) violations.push(`${id} was delivered ${deliveries} times.`);
  if (status === 'succeeded' && deliveries === 0) violations.push(`${id} succeeded, but its car was never told.`);
  if (first !== undefined && NOT_SENT.has(status) && !isCarsWord(first) && deliveries > 0) {
    violations.push(`${id} ended ${status} (${first.reason ?? 'no reason'}), but its car was told.`);
  }
  if (status === 'unknown' && shows) violations.push(`${id} ended unknown, but a read would have shown it.`);
  return { id, status, deliveries, violations };
}
