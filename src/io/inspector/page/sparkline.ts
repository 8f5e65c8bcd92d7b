import { h, s, setAttribute, setHidden, setText } from './dom.ts';

const WIDTH = 240;
const HEIGHT = 44;

/** A small live chart of one number: a line, its newest value in words, and a few words beside it. */
export class Sparkline {
  readonly element: HTMLElement;
  readonly #value = h('span', { class: 'value' });
  readonly #beside = h('span', { class: 'faint' });
  readonly #line = s('path', { class: 'spark-line' });
  readonly #area = s('path', { class: 'spark-area' });
  readonly #svg = s(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    this.#area,
    this.#line,
  );
  readonly #name: string;
  readonly #text: (value: number) => string;
  readonly #saysMax: boolean;

  constructor(name: string, text: (value: number) => string, { saysMax = true } = {}) {
    this.#name = name;
    this.#text = text;
    this.#saysMax = saysMax;
    this.element = h(
      'div',
      { class: 'spark' },
      h('div', { class: 'spark-name' }, name),
      h('div', { class: 'spark-head' }, this.#value, this.#beside),
      this.#svg,
    );
  }

  /**
   * @param values one a second, oldest first; null where nobody measured: there the line has a gap.
   * @param length how many fill the width.
   * @param note what is said beside the newest, unless that is the highest.
   */
  render(values: readonly (number | null)[], length: number, note = ''): void {
    const known = values.filter((value) => value !== null);
    const newest = values.at(-1) ?? null;
    const shown = newest === null ? '–' : this.#text(newest);
    setText(this.#value, shown);
    setText(this.#beside, this.#saysMax && known.length > 0 ? `max ${this.#text(Math.max(...known))}` : note);
    setHidden(this.#beside, this.#beside.textContent === '');
    setAttribute(this.#svg, 'aria-label', `${this.#name}: now ${shown}`);
    const { line, area } = pathsOf(values, length);
    setAttribute(this.#line, 'd', line);
    setAttribute(this.#area, 'd', area);
  }
}

/** The newest at the right end, 0 at the bottom, the highest at the top. */
function pathsOf(values: readonly (number | null)[], length: number): { readonly line: string; readonly area: string } {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const step = WIDTH / Math.max(1, length - 1);
  const left = WIDTH - (values.length - 1) * step;
  let line = '';
  let area = '';
  let begun: number | null = null;
  const close = (x: number) => {
    if (begun !== null) area += `V${HEIGHT}H${begun.toFixed(1)}Z`;
    // A point of its own would not be seen.
    if (begun === x) line += 'h0.1';
    begun = null;
  };
  values.forEach((value, n) => {
    const x = left + n * step;
    if (value === null) {
      close(x - step);
      return;
    }
    const point = `${x.toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 6)).toFixed(1)}`;
    line += `${begun === null ? 'M' : 'L'}${point}`;
    area += begun === null ? `M${x.toFixed(1)},${HEIGHT}L${point}` : `L${point}`;
    begun ??= x;
  });
  close(WIDTH);
  return { line, area };
}
