import { z } from 'zod';
import type { JourneyRow } from './hop.ts';

const line = z.looseObject({
  time: z.iso.datetime(),
  msg: z.string(),
  actor: z.string().optional(),
  account: z.string().optional(),
  id: z.string().nullish(),
  car: z.string().optional(),
  command: z.string().nullish(),
  status: z.string().nullish(),
  reason: z.string().nullish(),
  call: z.string().optional(),
  attempt: z.number().optional(),
  generation: z.number().optional(),
  result: z.string().optional(),
  answer: z.string().optional(),
  cause: z.string().optional(),
  durationMs: z.number().optional(),
});
type Line = z.output<typeof line>;

const BEGUN = 'Cloud call begun.';
const DONE = 'Cloud call done.';
const RECEIVED = 'command received';
const ENDED = 'command ended';
/** What a row says by itself already. */
const TOLD = new Set(['level', 'time', 'msg', 'actor', 'account', 'id', 'car', 'durationMs']);
const SESSION_CALL = /^(?:session|refresh|login|start)/i;
const MOST_ROWS = 10_000;

/**
 * The journey of one command out of the daemon's log (JSON, level debug), line by line. A log tells less than the ring
 * buffer: no events between actors, but how the command came, every call to the cloud, what the token did meanwhile, and how
 * the command ended.
 */
export class LogJourney {
  readonly #commandId: string;
  readonly #rows: JourneyRow[] = [];
  #account: string | null = null;
  /** When the message was taken, epoch ms: its sender is told of the end. Null if it has no sender, or came earlier. */
  #receivedAt: number | null = null;
  /** Its token was refused, and it has not gone on yet. */
  #waitsForToken = false;

  constructor(commandId: string) {
    this.#commandId = commandId;
  }

  /** Anything that is no line of the log is passed over. */
  read(text: string): void {
    const parsed = parse(text);
    if (parsed === null || this.#rows.length >= MOST_ROWS) return;
    if (parsed.id === this.#commandId) this.#own(parsed);
    else if (this.#waitsForToken) this.#tokens(parsed);
  }

  rows(): readonly JourneyRow[] {
    return this.#rows;
  }

  #own(read: Line): void {
    this.#account ??= read.account ?? null;
    if (read.msg === BEGUN || read.msg === DONE) {
      this.#waitsForToken = read.msg === DONE && read.result === 'tokenRefused';
      this.#call(read, 'command');
      return;
    }
    if (read.actor === 'bridge' && read.msg === RECEIVED) this.#received(read);
    else if (read.actor === 'bridge') this.#add(read, 'bridge', vehicleOf(read));
    else this.#add(read, 'command', 'command');
    if (read.msg === ENDED) this.#answered(read);
  }

  #received({ time, msg, command, car }: Line): void {
    const at = Date.parse(time);
    this.#receivedAt = at;
    const detail = typeof command === 'string' ? `command ${command}` : '';
    const row = { at, durationMs: null };
    this.#rows.push({ ...row, from: 'broker', to: 'bridge', what: msg, detail: '', kind: 'message' });
    this.#rows.push({ ...row, from: 'bridge', to: vehicleOf({ car }), what: 'COMMAND', detail, kind: 'event' });
  }

  /** Every end is told to whoever sent the command. */
  #answered({ time, status, reason }: Line): void {
    if (this.#receivedAt === null) return;
    const at = Date.parse(time);
    const detail = [status, reason].filter((word) => typeof word === 'string').join(', ');
    const durationMs = at - this.#receivedAt;
    this.#rows.push({ at, from: 'bridge', to: 'broker', what: 'result', detail, durationMs, kind: 'message' });
  }

  /** While it waits for a newer token: what its account's token does. */
  #tokens(read: Line): void {
    if (read.account !== undefined && read.account !== this.#account) return;
    if ((read.msg === BEGUN || read.msg === DONE) && (read.id ?? null) === null) {
      if (SESSION_CALL.test(read.call ?? '')) this.#call(read, 'token');
      return;
    }
    if (read.actor === 'token' || read.actor === 'breaker') this.#add(read, read.actor, read.actor);
  }

  #call(read: Line, caller: string): void {
    const { msg, call = 'call', attempt, generation, result, answer, cause, durationMs } = read;
    const at = Date.parse(read.time);
    const about = [
      ...(attempt === undefined || caller === 'token' ? [] : [`attempt ${attempt}`]),
      ...(generation === undefined ? [] : [`generation ${generation}`]),
    ];
    if (msg === BEGUN) {
      const what = attempt !== undefined && attempt > 1 ? `retry: ${call}` : call;
      const row = {
        at,
        from: caller,
        to: 'cloud',
        what,
        detail: about.join(', '),
        durationMs: null,
        kind: 'call',
      } as const;
      this.#rows.push(row);
      return;
    }
    const detail = [...(cause === undefined ? [] : [cause]), ...about.slice(-1)].join(', ');
    const took = durationMs ?? null;
    this.#rows.push({
      at,
      from: 'cloud',
      to: caller,
      what: answer ?? result ?? 'ended',
      detail,
      durationMs: took,
      kind: 'call',
    });
  }

  #add(read: Line, from: string, to: string): void {
    const fields = Object.entries(read).filter(([key, value]) => !TOLD.has(key) && value !== null && !isLong(value));
    const detail = fields.map(([key, value]) => `${key} ${String(value)}`).join(', ');
    const durationMs = read.durationMs ?? null;
    this.#rows.push({ at: Date.parse(read.time), from, to, what: read.msg, detail, durationMs, kind: 'event' });
  }
}

const vehicleOf = ({ car }: Pick<Line, 'car'>): string => (car === undefined ? 'vehicle' : `vehicle ${car}`);
const isLong = (value: unknown) => typeof value === 'object' || String(value).length > 120;

function parse(text: string): Line | null {
  if (!text.startsWith('{')) return null;
  try {
    const parsed = line.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
