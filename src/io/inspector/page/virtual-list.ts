import { h, setAttribute, setHidden } from './dom.ts';

interface Options {
  readonly id: string;
  readonly label: string;
  readonly role: 'tree' | 'listbox';
  readonly rowHeight: number;
  readonly create: () => HTMLElement;
  /** Fills a row that `create` made. */
  readonly update: (row: HTMLElement, index: number) => void;
  readonly onActive?: (index: number) => void;
  readonly onChoose: (index: number) => void;
  /** Other keys; true if it was one. */
  readonly onKey?: (key: string, index: number) => boolean;
}

const OVERSCAN = 4;

/**
 * A list of any length of which only the visible rows are in the document. The keyboard's focus stays on the list itself;
 * `aria-activedescendant` names the row.
 */
export class VirtualList {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #space = h('div', { class: 'space', role: 'presentation' });
  readonly #rows: HTMLElement[] = [];
  #count = 0;
  #jump: 'start' | 'end' | null = null;
  active = -1;
  /** Keeps the newest in sight as long as nobody scrolls away from it. */
  isFollowing = false;

  constructor(options: Options) {
    this.#options = options;
    this.element = h(
      'div',
      { id: options.id, class: 'list', role: options.role, 'aria-label': options.label, tabindex: 0 },
      this.#space,
    );
    this.element.addEventListener('scroll', () => this.#draw(), { passive: true });
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => this.#onClick(event));
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  render(count: number): void {
    const { element } = this;
    const isAtEnd = element.scrollTop + element.clientHeight >= this.#space.offsetHeight - this.#options.rowHeight * 2;
    if (count !== this.#count) {
      this.#count = count;
      this.#space.style.height = `${count * this.#options.rowHeight}px`;
      if (this.isFollowing && isAtEnd) element.scrollTop = count * this.#options.rowHeight;
    }
    if (this.#jump !== null && element.clientHeight > 0) {
      element.scrollTop = this.#jump === 'end' ? count * this.#options.rowHeight : 0;
      this.#jump = null;
    }
    this.#draw();
  }

  /** At the next `render`. */
  jump(to: 'start' | 'end'): void {
    this.#jump = to;
    this.active = -1;
  }

  /** Marks a row, without telling anybody. */
  mark(index: number, isShown: boolean): void {
    this.active = index;
    if (isShown && index >= 0) this.#reveal(index);
    this.#draw();
  }

  #draw(): void {
    const { rowHeight, update, id, create, role } = this.#options;
    const { scrollTop, clientHeight } = this.element;
    if (clientHeight === 0) return;
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
    const last = Math.min(this.#count, Math.ceil((scrollTop + clientHeight) / rowHeight) + OVERSCAN);
    const size = Math.ceil(clientHeight / rowHeight) + 2 * OVERSCAN + 1;
    while (this.#rows.length < size) {
      const row = create();
      row.classList.add('row');
      setAttribute(row, 'role', role === 'tree' ? 'treeitem' : 'option');
      this.#rows.push(row);
      this.#space.append(row);
    }
    const used = new Set<HTMLElement>();
    for (let index = first; index < last; index += 1) {
      const row = this.#rows[index % this.#rows.length];
      if (row === undefined) continue;
      used.add(row);
      setAttribute(row, 'id', `${id}-${index}`);
      setAttribute(row, 'data-index', index);
      setAttribute(row, 'aria-setsize', this.#count);
      setAttribute(row, 'aria-posinset', index + 1);
      row.classList.toggle('active', index === this.active);
      // In a tree it says what the views show; that may be nobody whose row is there.
      if (role === 'listbox') setAttribute(row, 'aria-selected', String(index === this.active));
      const top = `translateY(${index * rowHeight}px)`;
      if (row.style.transform !== top) row.style.transform = top;
      update(row, index);
    }
    for (const row of this.#rows) setHidden(row, !used.has(row));
    const isActiveThere = this.active >= first && this.active < last;
    setAttribute(this.element, 'aria-activedescendant', isActiveThere ? `${id}-${this.active}` : null);
  }

  #onClick(event: Event): void {
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (row === null) return;
    this.#activate(Number(row.getAttribute('data-index')));
    this.#options.onChoose(this.active);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || this.#count === 0) return;
    const { key } = event;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#options.rowHeight) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active < 0 ? this.#count - 1 : this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: this.#count - 1,
    };
    const to = moves[key];
    if (to !== undefined) this.#activate(to);
    else if ((key === 'Enter' || key === ' ') && this.active >= 0) this.#options.onChoose(this.active);
    else if (this.#options.onKey?.(key, this.active) !== true) return;
    event.preventDefault();
  }

  #activate(index: number): void {
    this.active = Math.max(0, Math.min(this.#count - 1, index));
    this.#reveal(this.active);
    this.#draw();
    this.#options.onActive?.(this.active);
  }

  #reveal(index: number): void {
    const { rowHeight } = this.#options;
    const { element } = this;
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight;
    }
  }
}
