import { aboutText, ageText, shownState, signOf, titleOf, toneOf } from './actor-words.ts';
import type { App } from './app.ts';
import { byId, h, setAttribute, setHidden, setText } from './dom.ts';
import { type TreeRow, treeRows } from './tree.ts';
import { VirtualList } from './virtual-list.ts';

/** Sorting thousands of actors is not for every frame. */
const TREE_EVERY_MS = 120;

interface Parts {
  readonly twist: HTMLElement;
  readonly sign: HTMLElement;
  readonly name: HTMLElement;
  readonly state: HTMLElement;
  readonly event: HTMLElement;
  readonly age: HTMLElement;
}

/** The tree of actors, with its search field. */
export class ActorsView {
  readonly #app: App;
  readonly #list: VirtualList;
  readonly #search = byId('search', HTMLInputElement);
  readonly #empty = byId('actors-empty', HTMLElement);
  readonly #parts = new WeakMap<HTMLElement, Parts>();
  readonly #closed = new Set<string>();
  #rows: readonly TreeRow[] = [];
  #builtFor = '';
  #builtAt = 0;
  #marked: string | null = null;

  constructor(app: App) {
    this.#app = app;
    this.#list = new VirtualList({
      id: 'tree',
      label: 'Actors',
      role: 'tree',
      rowHeight: 46,
      create: () => this.#create(),
      update: (row, index) => this.#update(row, index),
      onActive: (index) => this.#select(index),
      onChoose: (index) => this.#choose(index),
      onKey: (key, index) => this.#onKey(key, index),
    });
    byId('actors-list', HTMLElement).append(this.#list.element);
    this.#search.addEventListener('input', () => app.changed());
    this.#search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#find();
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        this.#list.element.focus();
      }
    });
  }

  /** @param now epoch ms. @param isTick whether nothing but time has passed. */
  render(now: number): void {
    const { world, selection } = this.#app;
    world.actors.prune(now);
    const wanted = this.#search.value.trim().toLowerCase();
    const key = `${world.actors.membership}|${wanted}|${wanted === '' ? '' : world.revision}|${[...this.#closed].join(' ')}`;
    if (key !== this.#builtFor && performance.now() - this.#builtAt > TREE_EVERY_MS) {
      this.#rows = treeRows(world.actors, this.#closed, wanted);
      this.#builtFor = key;
      this.#builtAt = performance.now();
      this.#marked = null;
    } else if (key !== this.#builtFor) {
      setTimeout(() => this.#app.changed(), TREE_EVERY_MS);
    }
    if (this.#marked !== selection.address) {
      this.#list.active = this.#rows.findIndex(({ actor }) => actor.address === selection.address);
      this.#marked = selection.address;
    }
    setHidden(this.#empty, this.#rows.length > 0);
    setHidden(this.#list.element.parentElement ?? this.#list.element, this.#rows.length === 0);
    if (this.#rows.length === 0) setText(this.#empty, this.#emptyText());
    this.#list.render(this.#rows.length);
  }

  #create(): HTMLElement {
    const parts: Parts = {
      twist: h('span', { class: 'twist', 'aria-hidden': 'true' }),
      sign: h('span', { class: 'sign', 'aria-hidden': 'true' }),
      name: h('span', { class: 'name' }),
      state: h('span', { class: 'state' }),
      event: h('span', { class: 'event' }),
      age: h('span', { class: 'age' }),
    };
    const first = h('span', { class: 'line' }, parts.name, parts.state);
    const second = h('span', { class: 'line faint' }, parts.event, parts.age);
    const row = h('div', {}, parts.twist, parts.sign, h('span', { class: 'lines' }, first, second));
    this.#parts.set(row, parts);
    return row;
  }

  #update(row: HTMLElement, index: number): void {
    const shown = this.#rows[index];
    const parts = this.#parts.get(row);
    if (shown === undefined || parts === undefined) return;
    const { actor, depth, hasChildren, isOpen } = shown;
    const tone = toneOf(actor);
    setAttribute(row, 'data-depth', Math.min(depth, 5));
    setAttribute(row, 'data-tone', tone);
    setAttribute(row, 'data-address', actor.address);
    setAttribute(row, 'aria-level', depth + 1);
    setAttribute(row, 'aria-expanded', hasChildren ? String(isOpen) : null);
    setAttribute(row, 'aria-selected', String(actor.address === this.#app.selection.address));
    row.classList.toggle('ended', actor.endedAt !== null);
    setText(parts.twist, hasChildren ? (isOpen ? '▾' : '▸') : '');
    setText(parts.sign, signOf(tone));
    setText(parts.name, titleOf(actor));
    const state = shownState(actor);
    setText(parts.state, state);
    setAttribute(parts.state, 'title', state);
    setText(parts.event, aboutText(actor));
    setAttribute(parts.event, 'title', actor.commandId);
    const age = ageText(this.#app.now() - (actor.endedAt ?? actor.since));
    setText(parts.age, actor.endedAt === null ? age : `${age} ago`);
  }

  #select(index: number): void {
    const address = this.#rows[index]?.actor.address;
    if (address === undefined) return;
    this.#marked = address;
    this.#app.select(address);
  }

  /** On a narrow screen the tree stands alone: whoever chooses wants to see more. */
  #choose(index: number): void {
    this.#select(index);
    if (this.#app.view === 'actors') this.#app.show('chart');
  }

  #onKey(key: string, index: number): boolean {
    const shown = this.#rows[index];
    if (shown === undefined) return false;
    const { address } = shown.actor;
    if (key === 'ArrowRight') {
      if (shown.hasChildren && !shown.isOpen) this.#closed.delete(address);
      else if (shown.hasChildren) this.#go(index + 1);
    } else if (key === 'ArrowLeft') {
      if (shown.hasChildren && shown.isOpen) this.#closed.add(address);
      else this.#go(this.#rows.findIndex(({ actor }) => actor.address === shown.actor.parent));
    } else {
      return false;
    }
    this.#app.changed();
    return true;
  }

  #go(index: number): void {
    if (index < 0) return;
    this.#list.mark(index, true);
    this.#select(index);
  }

  /** Enter in the search field: a command's id opens its journey, anything else selects the first that matches. */
  #find(): void {
    const wanted = this.#search.value.trim();
    if (wanted === '') return;
    if (this.#hasJourney(wanted)) {
      this.#app.selectCommand(wanted);
      this.#app.show('sequence');
      return;
    }
    const lower = wanted.toLowerCase();
    const best = this.#rows.find(({ actor }) => actor.name.toLowerCase().includes(lower)) ?? this.#rows.at(-1);
    if (best !== undefined) this.#app.select(best.actor.address);
  }

  #hasJourney(wanted: string): boolean {
    const { actors, hops } = this.#app.world;
    return actors.addressOfCommand(wanted) !== undefined || hops.items.some(({ commandId }) => commandId === wanted);
  }

  #emptyText(): string {
    const wanted = this.#search.value.trim();
    if (wanted === '') return 'No actors yet.';
    return this.#hasJourney(wanted)
      ? `Command ${wanted} has ended. Enter opens its journey.`
      : `Nobody matches “${wanted}”.`;
  }
}
