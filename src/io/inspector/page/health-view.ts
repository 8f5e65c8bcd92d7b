import type { AccountHealth, HealthEntry } from '../wire.ts';
import type { Tone } from './actor-words.ts';
import { signOf, spanText } from './actor-words.ts';
import type { App } from './app.ts';
import { byId, h, setAttribute, setHidden, setText } from './dom.ts';
import { Sparkline } from './sparkline.ts';

const SECONDS = 120;

const count = (value: number) => String(Math.round(value));
const megabytes = (value: number) => `${(value / 2 ** 20).toFixed(0)} MB`;
const delay = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const total = (health: HealthEntry, of: (account: AccountHealth) => number) =>
  health.accounts.reduce((sum, account) => sum + of(account), 0);

/** The account that has the least of something; null if none has any measure of it. */
function least(health: HealthEntry, of: (account: AccountHealth) => number | null): AccountHealth | null {
  const measured = health.accounts.filter((account) => of(account) !== null);
  return measured.toSorted((one, other) => (of(one) ?? 0) - (of(other) ?? 0))[0] ?? null;
}
const timeLeft = ({ at, accounts }: HealthEntry): number | null => {
  const times = accounts.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [Math.max(0, expiresAt - at)]));
  return times.length === 0 ? null : Math.min(...times);
};
/** Short: there is little room, and the account's card has it in full. */
function timeText(ms: number): string {
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return ms >= 60_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 1_000)} s`;
}
const generationOf = (health: HealthEntry): string => {
  const first = least(health, ({ expiresAt }) => expiresAt);
  return first === null ? '' : `gen. ${first.generation}`;
};

interface Chart {
  readonly spark: Sparkline;
  readonly of: (health: HealthEntry) => number | null;
  /** Beside the newest value. */
  readonly note?: (health: HealthEntry) => string;
}

/** Of several accounts: the sum of what goes on, the least of what runs out. */
const charts = (): readonly Chart[] => [
  {
    spark: new Sparkline('Calls in flight', count),
    of: (health) => total(health, ({ callsInFlight }) => callsInFlight),
  },
  { spark: new Sparkline('Wait for token, permit', count), of: (health) => total(health, ({ waiting }) => waiting) },
  { spark: new Sparkline('Open commands', count), of: ({ commandsOpen }) => commandsOpen },
  { spark: new Sparkline('Queued controls', count), of: ({ queue }) => queue },
  {
    spark: new Sparkline('Calls left today', count, { saysMax: false }),
    of: (health) => least(health, ({ callsLeft }) => callsLeft)?.callsLeft ?? null,
    note: (health) => (health.accounts.every(({ callsLeft }) => callsLeft === null) ? 'no limit' : ''),
  },
  { spark: new Sparkline('Token: time left', timeText, { saysMax: false }), of: timeLeft, note: generationOf },
  { spark: new Sparkline('Event-loop delay', delay), of: ({ eventLoopDelayMs }) => eventLoopDelayMs },
  { spark: new Sparkline('Memory (RSS)', megabytes), of: ({ rssBytes }) => rssBytes },
];

const tokenTone = (state: string | null): Tone =>
  state === null ? 'calm' : state.startsWith('valid') ? 'good' : state.startsWith('failed') ? 'bad' : 'busy';
const breakerTone = (state: string | null): Tone =>
  state === null ? 'calm' : state.startsWith('closed') ? 'good' : state === 'open' ? 'bad' : 'warn';

/** How the daemon and its accounts are, and were in the last two minutes. */
export class HealthView {
  readonly #app: App;
  readonly #charts = charts();
  readonly #accounts = byId('accounts', HTMLElement);
  readonly #process = byId('process', HTMLElement);
  readonly #empty = byId('health-empty', HTMLElement);
  readonly #reports = byId('reports', HTMLElement);

  constructor(app: App) {
    this.#app = app;
    byId('sparks', HTMLElement).append(...this.#charts.map(({ spark }) => spark.element));
  }

  render(now: number): void {
    const all = this.#app.world.healths.items.slice(-SECONDS);
    const newest = all.at(-1);
    for (const { spark, of, note } of this.#charts) {
      spark.render(all.map(of), SECONDS, newest === undefined ? '' : note?.(newest));
    }
    setHidden(this.#reports, newest === undefined);
    setHidden(this.#empty, newest !== undefined);
    if (newest === undefined) setText(this.#empty, emptyText(this.#app));
    const accounts = newest?.accounts ?? [];
    while (this.#accounts.children.length > accounts.length) this.#accounts.lastElementChild?.remove();
    while (this.#accounts.children.length < accounts.length) this.#accounts.append(card());
    accounts.forEach((account, n) => {
      const element = this.#accounts.children[n];
      if (element !== undefined) fillCard(element, account, now);
    });
    setText(
      this.#process,
      newest === undefined
        ? ''
        : `Broker ${newest.brokerConnected ? 'connected' : 'not connected'} · heap ${megabytes(newest.heapBytes)} · ${newest.clients} of 8 inspectors`,
    );
  }
}

function emptyText({ player }: App): string {
  if (player === null) return 'No report yet: one comes every second.';
  return player.recording.hasHealth ? 'No report up to here.' : 'This recording has no health.';
}

const ROWS = [
  'Token',
  'Generation',
  'Expires',
  'Breaker',
  'Calls left today',
  'Calls in flight',
  'Waiting',
  'Refreshes (1 h)',
] as const;

function card(): HTMLElement {
  return h(
    'article',
    { class: 'card' },
    h('h3', {}),
    h('dl', {}, ...ROWS.flatMap((name) => [h('dt', {}, name), h('dd', {})])),
  );
}

function fillCard(element: Element, account: AccountHealth, now: number): void {
  const title = element.querySelector('h3');
  if (title !== null) setText(title, account.account);
  const tones: readonly (Tone | null)[] = [
    tokenTone(account.tokenState),
    null,
    null,
    breakerTone(account.breakerState),
  ];
  const { expiresAt } = account;
  const texts = [
    account.tokenState ?? 'unknown',
    String(account.generation),
    expiresAt === null ? '–' : expiresAt <= now ? 'now' : `in ${spanText(expiresAt - now)}`,
    account.breakerState ?? 'unknown',
    account.callsLeft === null ? 'no limit' : String(account.callsLeft),
    String(account.callsInFlight),
    String(account.waiting),
    String(account.refreshesLastHour),
  ];
  element.querySelectorAll('dd').forEach((detail, n) => {
    const tone = tones[n] ?? null;
    setText(detail, tone === null ? (texts[n] ?? '') : `${signOf(tone)} ${texts[n]}`);
    setAttribute(detail, 'data-tone', tone);
  });
}
