import { journeyOf } from '../journey.ts';
import { clockText } from './actor-words.ts';
import type { App, Selection } from './app.ts';
import { byId, setHidden, setText } from './dom.ts';
import { save } from './download.ts';
import { type Hop, hopIn, isStoryOf } from './hops.ts';
import { Lanes } from './lanes.ts';
import { journeyOptions, pictureRows, savedRows } from './saved-rows.ts';
import { sequenceDiagram } from './sequence-diagram.ts';
import { HopRow } from './sequence-row.ts';
import { VirtualList } from './virtual-list.ts';

const SAVED_STEPS = 1_000;
const JOURNEY_EVERY_MS = 300;
const INNER = new Set(['account', 'fleet']);

/** The messages between the actors, oldest above, and the world at the edges: broker left, cloud right. */
export class SequenceView {
  readonly #app: App;
  readonly #list: VirtualList;
  readonly #lanes: Lanes;
  readonly #rows = new WeakMap<HTMLElement, HopRow>();
  readonly #all = byId('sequence-all', HTMLInputElement);
  readonly #states = byId('sequence-states', HTMLInputElement);
  readonly #title = byId('sequence-title', HTMLElement);
  readonly #count = byId('sequence-count', HTMLElement);
  readonly #empty = byId('sequence-empty', HTMLElement);
  readonly #clear = byId('sequence-clear', HTMLButtonElement);
  readonly #parts = [byId('lanes', HTMLElement), byId('sequence-list', HTMLElement)];
  #shown: readonly Hop[] = [];
  #key = '';
  #selectedAt = 0;

  constructor(app: App) {
    this.#app = app;
    this.#lanes = new Lanes(byId('lanes', HTMLElement));
    this.#list = new VirtualList({
      id: 'hops',
      label: 'Messages, oldest first',
      role: 'listbox',
      rowHeight: 40,
      create: () => this.#create(),
      update: (row, index) => this.#update(row, index),
      onChoose: (index) => this.#choose(index),
    });
    this.#list.isFollowing = true;
    byId('sequence-list', HTMLElement).append(this.#list.element);
    for (const box of [this.#all, this.#states]) box.addEventListener('change', () => app.changed());
    this.#clear.addEventListener('click', () => app.select(null));
    byId('save-svg', HTMLButtonElement).addEventListener('click', () => this.#saveSvg());
    byId('save-json', HTMLButtonElement).addEventListener('click', () => this.#saveJson());
  }

  render(): void {
    const { world, selection } = this.#app;
    const key = `${world.revision}|${selection.address}|${selection.commandId}|${this.#all.checked}|${this.#states.checked}`;
    // A journey is read out of thousands of entries: not in every frame.
    const isSoon = selection.commandId !== null && performance.now() - this.#selectedAt < JOURNEY_EVERY_MS;
    const isSame = key.slice(key.indexOf('|')) === this.#key.slice(this.#key.indexOf('|'));
    if (key !== this.#key && !(isSoon && isSame)) {
      this.#key = key;
      this.#selectedAt = performance.now();
      this.#shown = this.#select();
      this.#lanes.take(this.#shown);
      // A journey is read from its beginning; what goes on, from its end.
      if (!isSame) this.#list.jump(selection.commandId === null ? 'end' : 'start');
    }
    const isEmpty = this.#shown.length === 0;
    for (const part of this.#parts) setHidden(part, isEmpty);
    this.#lanes.size(this.#list.element.clientWidth);
    const { address, commandId } = selection;
    const what =
      commandId !== null
        ? `Journey of command ${commandId}`
        : address !== null
          ? `Messages of ${address}`
          : 'All messages';
    setText(this.#title, what);
    setText(this.#count, `${this.#shown.length} ${this.#shown.length === 1 ? 'step' : 'steps'}`);
    setHidden(this.#clear, address === null && commandId === null);
    setHidden(this.#empty, !isEmpty);
    if (isEmpty) setText(this.#empty, emptyText(this.#app.selection));
    this.#list.render(this.#shown.length);
  }

  #select(): readonly Hop[] {
    const { hops, entries } = this.#app.world;
    const { commandId } = this.#app.selection;
    const isShown = (hop: Hop) =>
      (this.#all.checked || (!INNER.has(hop.from) && !INNER.has(hop.to) && isStoryOf(stateOwner(hop)))) &&
      (this.#states.checked || hop.kind !== 'state');
    if (commandId !== null) {
      return journeyOf(entries.items, commandId)
        .map((row) => hopIn(row, commandId))
        .filter(isShown);
    }
    return hops.items.filter((hop) => isShown(hop) && this.#app.isSelected(hop.addresses, hop.commandId));
  }

  #create(): HTMLElement {
    const row = new HopRow();
    this.#rows.set(row.element, row);
    return row.element;
  }

  #update(element: HTMLElement, index: number): void {
    const hop = this.#shown[index];
    if (hop === undefined) return;
    this.#rows.get(element)?.show(hop, index, this.#before(index) ?? hop.at, this.#lanes);
  }

  /** The time of the step above, where it has one. */
  #before(index: number): number | undefined {
    for (let n = index - 1; n >= 0; n -= 1) {
      const hop = this.#shown[n];
      if (hop !== undefined && hop.kind !== 'state') return hop.at;
    }
    return undefined;
  }

  #choose(index: number): void {
    const commandId = this.#shown[index]?.commandId ?? null;
    if (commandId !== null && commandId !== this.#app.selection.commandId) this.#app.selectCommand(commandId);
  }

  #name(): string {
    const { address, commandId } = this.#app.selection;
    return `sequence-${(commandId ?? address ?? 'all').replace(/[^\w-]+/g, '-')}`;
  }

  /** The newest steps, if there are very many. */
  #saveSvg(): void {
    const title = byId('sequence-title', HTMLElement).textContent;
    const rows = savedRows(this.#shown.slice(-SAVED_STEPS));
    const isJourney = this.#app.selection.commandId !== null;
    const options = { title, ...(isJourney ? journeyOptions(rows) : {}) };
    save(`${this.#name()}.svg`, 'image/svg+xml', sequenceDiagram(pictureRows(rows), options).svg);
  }

  #saveJson(): void {
    const rows = savedRows(this.#shown).map((row) => ({ ...row, time: clockText(row.at) }));
    save(`${this.#name()}.json`, 'application/json', `${JSON.stringify(rows, null, 2)}\n`);
  }
}

function emptyText({ address, commandId }: Selection): string {
  if (commandId !== null) return 'Nothing is known of this command (any more).';
  return address === null ? 'Nothing has been said yet.' : 'Nobody has said anything to it, nor it to anybody, lately.';
}

const stateOwner = ({ kind, addresses }: Hop) => (kind === 'state' ? addresses[0] : undefined);
