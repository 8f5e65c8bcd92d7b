import type { LogEntry } from '../wire.ts';
import { clockText } from './actor-words.ts';
import type { App } from './app.ts';
import { byId, h, setAttribute, setHidden, setText } from './dom.ts';
import { addressesOfLine, commandOfLine } from './log-address.ts';
import { VirtualList } from './virtual-list.ts';

const MINUTES = 5;
const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The log of the last minutes, of whoever is selected. */
export class LogView {
  readonly #app: App;
  readonly #list: VirtualList;
  readonly #level = byId('log-level', HTMLSelectElement);
  readonly #empty = byId('log-empty', HTMLElement);
  readonly #what = byId('log-what', HTMLElement);
  #shown: readonly LogEntry[] = [];

  constructor(app: App) {
    this.#app = app;
    this.#list = new VirtualList({
      id: 'log-lines',
      label: 'Log, oldest first',
      role: 'listbox',
      rowHeight: 28,
      create: () =>
        h(
          'div',
          { class: 'log-line' },
          h('time', {}),
          h('span', { class: 'level' }),
          h('span', { class: 'words' }, h('span', {}), h('span', { class: 'faint' })),
        ),
      update: (row, index) => this.#update(row, index),
      onChoose: (index) => this.#choose(index),
    });
    this.#list.isFollowing = true;
    byId('log-list', HTMLElement).append(this.#list.element);
    this.#level.addEventListener('change', () => app.changed());
  }

  render(now: number): void {
    const { world, selection } = this.#app;
    const least = LEVELS.indexOf(this.#level.value);
    const since = now - MINUTES * 60_000;
    const isShown = (line: LogEntry) =>
      line.at >= since && LEVELS.indexOf(line.level) >= least && this.#isSelected(line.fields);
    this.#shown = world.log.items.filter(isShown);
    setText(
      this.#what,
      selection.commandId !== null ? `of command ${selection.commandId}` : (selection.address ?? 'of everybody'),
    );
    setHidden(this.#empty, this.#shown.length > 0);
    setHidden(this.#list.element, this.#shown.length === 0);
    this.#list.render(this.#shown.length);
  }

  #isSelected(fields: LogEntry['fields']): boolean {
    const { address, commandId } = this.#app.selection;
    if (address === null && commandId === null) return true;
    return this.#app.isSelected(this.#addressesOf(fields), commandOfLine(fields));
  }

  #addressesOf(fields: LogEntry['fields']): readonly string[] {
    return addressesOfLine(fields, (commandId) => this.#app.world.actors.addressOfCommand(commandId));
  }

  #update(row: HTMLElement, index: number): void {
    const line = this.#shown[index];
    const [time, level, words] = row.children;
    if (line === undefined || time === undefined || level === undefined || words === undefined) return;
    const fields = Object.entries(line.fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${value}`);
    setAttribute(row, 'data-level', line.level);
    setText(time, clockText(line.at));
    setText(level, line.level);
    const [message, rest] = words.children;
    if (message !== undefined) setText(message, line.message);
    if (rest !== undefined) setText(rest, fields.length === 0 ? '' : `  ${fields.join('  ')}`);
    setAttribute(row, 'title', words.textContent);
  }

  /** A line leads to the command that it is about, or to whoever wrote it. */
  #choose(index: number): void {
    const line = this.#shown[index];
    if (line === undefined) return;
    const commandId = commandOfLine(line.fields);
    if (commandId !== null) {
      this.#app.selectCommand(commandId);
      return;
    }
    const address = this.#addressesOf(line.fields).find((each) => this.#app.world.actors.get(each) !== undefined);
    if (address !== undefined) this.#app.select(address);
  }
}
