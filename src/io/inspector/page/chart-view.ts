import type { Actor } from './actor-table.ts';
import {
  ageText,
  clockText,
  eventText,
  shownState,
  signOf,
  spanText,
  stateText,
  titleOf,
  toneOf,
} from './actor-words.ts';
import type { App } from './app.ts';
import { ChartPicture } from './chart-picture.ts';
import { byId, h, setAttribute, setHidden, setText } from './dom.ts';

const FACT_NAMES: Readonly<Record<string, string>> = {
  lifetimeMs: 'lifetime',
  openForMs: 'open for',
  out: 'permits out',
  line: 'in line',
};

/** The selected actor: its statechart, what may be seen of its memory, its deadlines, its last events. */
export class ChartView {
  readonly #app: App;
  readonly #picture: ChartPicture;
  readonly #title = byId('chart-title', HTMLElement);
  readonly #state = byId('chart-state', HTMLElement);
  readonly #age = byId('chart-age', HTMLElement);
  readonly #body = byId('chart-body', HTMLElement);
  readonly #empty = byId('chart-empty', HTMLElement);
  readonly #hint = byId('chart-hint', HTMLElement);
  readonly #begin = byId('chart-begin', HTMLButtonElement);
  readonly #tools = byId('chart-tools', HTMLElement);
  readonly #facts = byId('facts', HTMLElement);
  readonly #deadlines = byId('deadlines', HTMLElement);
  readonly #events = byId('events', HTMLElement);
  readonly #journey = byId('to-journey', HTMLButtonElement);

  constructor(app: App) {
    this.#app = app;
    this.#picture = new ChartPicture(() => app.changed());
    this.#journey.addEventListener('click', () => app.show('sequence'));
    this.#begin.addEventListener('click', () => app.select(this.#firstToken()));
  }

  render(now: number): void {
    const actor = this.#app.world.actors.get(this.#app.selection.address ?? '');
    setHidden(this.#empty, actor !== undefined);
    setHidden(this.#body, actor === undefined);
    setHidden(this.#tools, actor === undefined);
    if (actor === undefined) {
      setText(this.#title, this.#app.selection.address ?? 'Statechart');
      setText(this.#state, '');
      setText(this.#age, '');
      setHidden(this.#journey, true);
      const isNobodyChosen = this.#app.selection.address === null;
      setHidden(this.#begin, !isNobodyChosen || this.#firstToken() === null);
      setText(
        this.#hint,
        isNobodyChosen
          ? 'Choose an actor: its statechart appears here, with the active states lit.'
          : 'This actor has ended, and is no longer shown. Its messages are in the sequence.',
      );
      return;
    }
    const shown = { ...actor, states: this.#picture.show(actor) };
    const tone = toneOf(shown);
    setText(this.#title, titleOf(actor));
    setText(this.#state, `${signOf(tone)} ${actor.kind === 'vehicle' ? stateText(shown) : shownState(shown)}`);
    setAttribute(this.#state, 'data-tone', tone);
    const span = ageText(now - (actor.endedAt ?? actor.since));
    setText(this.#age, actor.endedAt === null ? `for ${span}` : `ended ${span} ago`);
    setHidden(this.#journey, actor.commandId === null);
    this.#renderFacts(actor);
    this.#renderDeadlines(actor, now);
    this.#renderEvents(actor);
  }

  /** Where most stories begin. */
  #firstToken(): string | null {
    for (const { kind, address } of this.#app.world.actors.all()) if (kind === 'token') return address;
    return null;
  }

  #renderFacts({ facts, address, account }: Actor): void {
    const pairs = Object.entries(facts).filter(([name]) => name !== 'kind');
    const rows = [
      ...(account === null ? [] : [['account', account] as const]),
      ...pairs,
      ['address', address] as const,
    ];
    fill(this.#facts, rows.length * 2, (n) => h(n % 2 === 0 ? 'dt' : 'dd'));
    rows.forEach(([name, value], n) => {
      const [term, detail] = [this.#facts.children[n * 2], this.#facts.children[n * 2 + 1]];
      if (term === undefined || detail === undefined) return;
      setText(term, FACT_NAMES[name] ?? words(name));
      if (name === 'address') setPath(detail, address);
      else setText(detail, factText(name, value));
      detail.classList.toggle('faint', value === null);
    });
  }

  #renderDeadlines({ deadlines }: Actor, now: number): void {
    const running = deadlines.toSorted((one, other) => one.endsAt - other.endsAt);
    fill(this.#deadlines, running.length, () =>
      h('li', {}, h('span', { class: 'name' }), h('span', { class: 'left' }), h('progress', { max: 1 })),
    );
    running.forEach(({ name, endsAt, since }, n) => {
      const [label, left, bar] = this.#deadlines.children[n]?.children ?? [];
      if (label === undefined || left === undefined || !(bar instanceof HTMLProgressElement)) return;
      setText(label, deadlineText(name));
      setText(left, endsAt <= now ? 'due' : spanText(endsAt - now));
      setAttribute(bar, 'aria-label', `${deadlineText(name)}: time left`);
      bar.value = endsAt <= since ? 0 : Math.max(0, Math.min(1, (endsAt - now) / (endsAt - since)));
    });
    setHidden(byId('no-deadlines', HTMLElement), running.length > 0);
  }

  #renderEvents({ events }: Actor): void {
    fill(this.#events, events.length, () =>
      h('li', {}, h('time', {}), h('span', { class: 'name' }), h('span', { class: 'faint' })),
    );
    events.toReversed().forEach(({ at, type, from }, n) => {
      const [time, name, source] = this.#events.children[n]?.children ?? [];
      if (time === undefined || name === undefined || source === undefined) return;
      setText(time, clockText(at));
      setText(name, eventText(type));
      setText(source, from === null ? '' : `from ${from.split('/').slice(-2).join('/')}`);
    });
  }
}

/** May be broken between its levels, and is one word for whoever copies it. */
function setPath(element: Element, path: string): void {
  if (element.textContent === path) return;
  element.replaceChildren(...path.split('/').flatMap((level, n) => (n === 0 ? [level] : ['/', h('wbr'), level])));
}

function fill(parent: Element, count: number, create: (n: number) => Element): void {
  while (parent.children.length > count) parent.lastElementChild?.remove();
  while (parent.children.length < count) parent.append(create(parent.children.length));
}

/** `controlFailures` → `control failures`. */
const words = (name: string) =>
  name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/ ms$/, '');

/** A visit at the server counts for a while. */
const deadlineText = (name: string) =>
  /^visit\d+$/.test(name) ? `visit ${Number(name.slice(5)) + 1} forgotten` : words(name);

function factText(name: string, value: string | number | boolean | null): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' && name.endsWith('Ms') ? spanText(value) : String(value);
}
