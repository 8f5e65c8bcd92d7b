import { s, setAttribute, setText } from './dom.ts';
import type { Hop } from './hops.ts';
import { rankOf } from './lane-order.ts';

/** More vehicles than this share one lane. */
const OWN_LANES = 4;
const NARROW_PX = 600;
const GUTTER_PX = 118;
const HEAD_PX = 34;
/** Of a lane's name, about. */
const CHARACTER_PX = 6.2;

const kindOf = (lane: string) => lane.split(' ')[0] ?? lane;

/** The lanes that these hops need, from the broker to the cloud. */
export function lanesOf(hops: readonly Hop[]): readonly string[] {
  const used = new Set<string>();
  for (const { from, to } of hops) used.add(from).add(to);
  return [...used].sort((one, other) => rankOf(one) - rankOf(other) || one.localeCompare(other));
}

/** Where the lanes are, and their heads above the list. */
export class Lanes {
  readonly #head: HTMLElement;
  readonly #svg = s('svg', { 'aria-hidden': 'true', class: 'lane-heads' });
  readonly #x = new Map<string, number>();
  #names: readonly string[] = [];
  #key = '';
  width = 0;
  gutter = GUTTER_PX;
  /** Rises when a lane comes, goes or moves. */
  revision = 0;

  constructor(head: HTMLElement) {
    this.#head = head;
    head.append(this.#svg);
  }

  get positions(): Iterable<number> {
    return new Set(this.#x.values());
  }

  xOf(lane: string): number {
    return this.#x.get(lane) ?? this.gutter;
  }

  take(hops: readonly Hop[]): void {
    this.#names = lanesOf(hops);
  }

  size(width: number): void {
    const key = `${width}|${this.#names.join('|')}`;
    if (key === this.#key || width === 0) return;
    this.#key = key;
    this.revision += 1;
    this.width = width;
    this.gutter = width < NARROW_PX ? 0 : GUTTER_PX;
    const vehicles = this.#names.filter((name) => name.startsWith('vehicle '));
    const shared = vehicles.length > OWN_LANES ? 'vehicles' : null;
    const columns = [
      ...new Set(this.#names.map((name) => (shared !== null && vehicles.includes(name) ? shared : name))),
    ];
    const step = (width - this.gutter) / Math.max(1, columns.length);
    this.#x.clear();
    for (const name of this.#names) {
      const column = columns.indexOf(shared !== null && vehicles.includes(name) ? shared : name);
      this.#x.set(name, Math.round(this.gutter + (column + 0.5) * step) + 0.5);
    }
    this.#draw(columns, step);
  }

  #draw(columns: readonly string[], step: number): void {
    setAttribute(this.#svg, 'width', this.width);
    setAttribute(this.#svg, 'height', HEAD_PX);
    // Where there is little room, every other name stands lower, and has that of its neighbours too.
    const isNarrow = this.gutter === 0;
    const room = Math.floor((isNarrow ? 2 * step - 8 : step - 6) / CHARACTER_PX);
    this.#svg.replaceChildren(
      ...columns.map((name, n) => {
        const x = this.gutter + (n + 0.5) * step;
        const words = name.replace(/^vehicle /, '');
        const shown = s('text', { x, y: isNarrow ? 14 + (n % 2) * 14 : 21, class: `lane-name ${kindOf(name)}` });
        setText(shown, words.length > room ? `${words.slice(0, Math.max(1, room - 1))}…` : words);
        return shown;
      }),
    );
    this.#head.setAttribute('data-lanes', columns.join(' '));
  }
}
