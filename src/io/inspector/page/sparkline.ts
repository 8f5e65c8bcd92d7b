import { h, s, setAttribute, setText } from './dom.ts';

const WIDTH = 240;
const HEIGHT = 44;

/** A small live chart of one number: a line, its newest value in words, its highest. */
export class Sparkline {
  readonly element: HTMLElement;
  readonly #value = h('span', { class: 'value' });
  readonly #top = h('span', { class: 'faint' });
  readonly #line = s('polyline', { class: 'spark-line' });
  readonly #area = s('polygon', { class: 'spark-area' });
  readonly #svg = s(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    this.#area,
    this.#line,
  );
  readonly #name: string;
  readonly #text: (value: number) => string;

  constructor(name: string, text: (value: number) => string) {
    this.#name = name;
    this.#text = text;
    this.element = h(
      'div',
      { class: 'spark' },
      h('div', { class: 'spark-name' }, name),
      h('div', { class: 'spark-head' }, this.#value, this.#top),
      this.#svg,
    );
  }

  /** @param values one a second, oldest first; null where nobody measured. @param length how many fill the width. */
  render(values: readonly (number | null)[], length: number): void {
    const known = values.filter((value) => value !== null);
    const newest = known.at(-1);
    const top = Math.max(1e-9, ...known);
    const shown = newest === undefined ? '–' : this.#text(newest);
    setText(this.#value, shown);
    setText(this.#top, newest === undefined ? 'no values yet' : `max ${this.#text(Math.max(...known))}`);
    setAttribute(this.#svg, 'aria-label', `${this.#name}: now ${shown}`);
    const step = WIDTH / Math.max(1, length - 1);
    const left = WIDTH - (values.length - 1) * step;
    const points = values.map((value, n) => {
      const y = HEIGHT - 2 - ((value ?? 0) / top) * (HEIGHT - 6);
      return `${(left + n * step).toFixed(1)},${y.toFixed(1)}`;
    });
    setAttribute(this.#line, 'points', points.join(' '));
    setAttribute(
      this.#area,
      'points',
      points.length === 0 ? '' : `${left.toFixed(1)},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`,
    );
  }
}
