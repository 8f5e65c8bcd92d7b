import { isObject, readEntry, STREAM_TYPES } from './read-entry.ts';
import { loadSnapshot, type Refusal, type SnapshotHead } from './snapshot.ts';

export type Link =
  | { readonly state: 'connecting' | 'live' | 'signIn' }
  | { readonly state: 'lost'; readonly retryAt: number }
  /** `full`: as many look on as may. */
  | { readonly state: 'full' | 'refused'; readonly sentence: string; readonly retryAt: number };

interface Listener {
  /** Everything anew: at the first time, after a restart of the daemon, after a gap. */
  readonly onStart: (about: SnapshotHead) => void;
  /** JSON of entries, or what came of parsing it. */
  readonly onEntries: (entries: readonly unknown[]) => void;
  readonly onLink: (link: Link) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
const REFUSED_PAUSE_MS = 5_000;
const AFTER_GAP_MS = 2_000;
const ANSWER_WITHIN_MS = 10_000;
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * The way to the daemon: the snapshot first, then the stream from there on. Comes back by itself, to the same run of the
 * daemon where it stopped, to another one from the beginning.
 */
export class Connection {
  readonly #listener: Listener;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #boot: string | null = null;
  #seq = 0;
  #failures = 0;
  /** Rises whenever what is on its way is not wanted any more. */
  #turn = 0;
  #stopLoading: (() => void) | null = null;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Again at once, whatever it waits for. */
  open(): void {
    this.#drop();
    this.#listener.onLink({ state: 'connecting' });
    if (this.#boot === null) this.#load();
    else void this.#check();
  }

  /** Until `open`, which then goes on from here. */
  pause(): void {
    this.#drop();
  }

  /** Until `open`, which then begins anew. */
  close(): void {
    this.#drop();
    this.#boot = null;
  }

  /** The whole picture anew, soon: what is missing may have moved any actor. Not more often than every so often. */
  renew(): void {
    const reload = () => {
      this.#drop();
      this.#load();
    };
    this.#again(AFTER_GAP_MS, reload, this.#turn);
  }

  /** Null, or what is wrong. */
  async signIn(token: string): Promise<string | null> {
    try {
      const response = await fetch('/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (response.status === 401) return 'That is not the token.';
      if (!response.ok) return (await sentenceOf(response)) ?? answered(response.status);
    } catch {
      return 'The daemon does not answer.';
    }
    this.open();
    return null;
  }

  #load(): void {
    const turn = this.#turn;
    let head: SnapshotHead | null = null;
    // Half of it is as good as nothing.
    this.#boot = null;
    this.#stopLoading = loadSnapshot((part) => {
      switch (part.kind) {
        case 'head':
          head = part;
          this.#listener.onStart(part);
          return;
        case 'entries':
          this.#listener.onEntries(part.entries);
          return;
        case 'end':
          this.#boot = head?.boot ?? '';
          this.#seq = head?.seq ?? 0;
          this.#stream();
          return;
        case 'refused':
          this.#refused(part, turn);
          return;
        case 'failed':
          this.#lost(turn);
      }
    });
  }

  #stream(): void {
    const source = new EventSource(`/events?since=${this.#seq}`);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#listener.onLink({ state: 'live' });
    };
    // The browser's own attempts say neither why nor when: ours do.
    source.onerror = () => {
      this.#drop();
      void this.#check();
    };
    for (const type of STREAM_TYPES) {
      source.addEventListener(type, (event: MessageEvent<string>) => {
        if (type === 'bluelinkd.hello') this.#hello(event.data);
        else this.#entry(event);
      });
    }
  }

  #entry({ type, data, lastEventId }: MessageEvent<string>): void {
    const seq = Number(lastEventId);
    if (seq > this.#seq) this.#seq = seq;
    this.#listener.onEntries([data]);
    if (type === 'bluelinkd.dropped') this.renew();
  }

  /** Another process answers: nothing of what is shown is true any more. */
  #hello(data: string): void {
    const hello = readEntry(data);
    if (hello?.type !== 'bluelinkd.hello' || this.#boot === '' || hello.boot === this.#boot) return;
    this.#drop();
    this.#listener.onLink({ state: 'connecting' });
    this.#load();
  }

  /** Why there is no stream: EventSource does not tell. */
  async #check(): Promise<void> {
    const turn = this.#turn;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
    try {
      const response = await fetch(`/events?since=${this.#seq}`, { signal: abort.signal });
      const { ok, status } = response;
      if (!ok) return this.#refused({ kind: 'refused', status, sentence: await sentenceOf(response) }, turn);
    } catch {
      return this.#lost(turn);
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
    this.#again(FIRST_PAUSE_MS / 2, () => this.#stream(), turn);
  }

  #refused({ status, sentence }: Refusal, turn: number): void {
    if (turn !== this.#turn) return;
    if (status === 401) {
      this.#listener.onLink({ state: 'signIn' });
      return;
    }
    // A proxy says so, on behalf of a daemon that is gone.
    if (sentence === null && GATEWAY.has(status)) {
      this.#lost(turn);
      return;
    }
    const state = status === 503 ? 'full' : 'refused';
    const said = sentence ?? answered(status);
    this.#listener.onLink({ state, sentence: said, retryAt: Date.now() + REFUSED_PAUSE_MS });
    this.#again(REFUSED_PAUSE_MS, () => this.#resume(), turn);
  }

  #lost(turn: number): void {
    if (turn !== this.#turn) return;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#listener.onLink({ state: 'lost', retryAt: Date.now() + pause });
    this.#again(pause, () => this.#resume(), turn);
  }

  #resume(): void {
    if (this.#boot === null) this.#load();
    else void this.#check();
  }

  #again(pause: number, what: () => void, turn: number): void {
    if (turn !== this.#turn) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(what, pause);
  }

  #drop(): void {
    this.#turn += 1;
    this.#stopLoading?.();
    this.#stopLoading = null;
    this.#source?.close();
    this.#source = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** What the daemon says of a refusal; null if it was somebody else who refused. */
async function sentenceOf(response: Response): Promise<string | null> {
  const answer: unknown = await response.json().catch(() => null);
  return isObject(answer) && typeof answer.error === 'string' ? answer.error : null;
}

const answered = (status: number): string => `The daemon answered ${status}.`;
