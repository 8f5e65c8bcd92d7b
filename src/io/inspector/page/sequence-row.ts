import { clockText, idText, spanText } from './actor-words.ts';
import { h, s, setAttribute, setText } from './dom.ts';
import type { Hop } from './hops.ts';
import type { Lanes } from './lanes.ts';

const HEIGHT = 40;
const ARROW_Y = 29.5;
const LABEL_Y = 21;
const HEAD = 7;
/** Of our type at its size, near enough to clip by; capitals and digits are wider. */
const CHARACTER_PX = 5.9;
const CAPITAL_PX = 2;
const BOLD_PX = 0.7;

/** One step of the sequence: lifelines, an arrow or a note, and its words. Made once, filled often. */
export class HopRow {
  readonly element = h('div', { class: 'hop' });
  readonly #time = h('time', {});
  readonly #id = h('span', { class: 'hop-id' });
  readonly #svg = s('svg', { 'aria-hidden': 'true', height: HEIGHT });
  readonly #lines = s('path', { class: 'lifeline' });
  readonly #arrow = s('path', { class: 'arrow' });
  readonly #head = s('path', { class: 'arrow-head' });
  readonly #note = s('rect', { class: 'note', rx: 9, y: 9, height: 22 });
  readonly #what = s('tspan', { class: 'what' });
  readonly #detail = s('tspan', { class: 'detail' });
  readonly #label = s('text', {}, this.#what, this.#detail);
  /** For those who hear the page. */
  readonly #sentence = h('span', { class: 'hidden' });
  #shown: Hop | null = null;
  #key = '';

  constructor() {
    this.#svg.append(this.#lines, this.#arrow, this.#head, this.#note, this.#label);
    this.element.append(
      h('span', { class: 'hop-time', 'aria-hidden': 'true' }, this.#time, this.#id),
      this.#svg,
      this.#sentence,
    );
  }

  /** @param index its place. @param before when the one before it was, epoch ms. */
  show(hop: Hop, index: number, before: number, lanes: Lanes): void {
    const key = `${index}|${before}|${lanes.revision}`;
    if (hop === this.#shown && key === this.#key) return;
    this.#shown = hop;
    this.#key = key;
    const { element } = this;
    const gap = hop.at - before;
    setAttribute(element, 'data-kind', hop.kind);
    setAttribute(element, 'data-tone', hop.tone);
    setText(this.#sentence, sentence(hop, hop.kind === 'state' ? before : hop.at));
    setAttribute(element, 'title', `${hop.what} ${hop.detail}`.trim());
    // When a step is over is told late: it would seem to go back in time.
    setText(this.#time, hop.kind === 'state' ? '' : clockText(hop.at));
    setText(
      this.#id,
      [gap > 0 && hop.kind !== 'state' ? `+${spanText(gap)}` : '', hop.commandId === null ? '' : idText(hop.commandId)]
        .filter((word) => word !== '')
        .join(' · '),
    );
    setAttribute(this.#svg, 'width', lanes.width);
    setAttribute(this.#lines, 'd', [...lanes.positions].map((x) => `M${x} 0V${HEIGHT}`).join(''));
    if (hop.kind === 'state') this.#showNote(hop, lanes);
    else this.#showArrow(hop, lanes);
  }

  #showNote({ what, from }: Hop, lanes: Lanes): void {
    const words = clip(what, lanes.width - lanes.gutter - 20);
    const width = widthOf(words) + words.length * BOLD_PX + 18;
    const x = clamp(lanes.xOf(from), width / 2, lanes);
    setAttribute(this.#note, 'x', x - width / 2);
    setAttribute(this.#note, 'width', width);
    setAttribute(this.#arrow, 'd', null);
    setAttribute(this.#head, 'd', null);
    setText(this.#what, words);
    setText(this.#detail, '');
    setAttribute(this.#label, 'x', x);
    setAttribute(this.#label, 'y', 24);
  }

  #showArrow({ what, detail, from, to, tone }: Hop, lanes: Lanes): void {
    const [start, end] = [lanes.xOf(from), lanes.xOf(to)];
    const isSelf = start === end;
    const side = end >= start ? 1 : -1;
    const tip = isSelf ? end + 4 : end - side * 2;
    setAttribute(this.#note, 'width', 0);
    setAttribute(this.#arrow, 'd', isSelf ? `M${start} ${ARROW_Y - 4}h24v8H${tip}` : `M${start} ${ARROW_Y}H${tip}`);
    const [y, back] = isSelf ? [ARROW_Y + 4, tip + HEAD] : [ARROW_Y, tip - side * HEAD];
    setAttribute(this.#head, 'd', `M${tip} ${y}L${back} ${y - 4}V${y + 4}Z`);
    const room = lanes.width - lanes.gutter - 12;
    const words = clip(what, room);
    // What is good or bad stands out.
    const wide = widthOf(words) + (tone === 'plain' ? 0 : words.length * BOLD_PX);
    const rest = detail === '' ? '' : clip(` ${detail}`, room - wide);
    setText(this.#what, words);
    setText(this.#detail, rest.length > 3 ? rest : '');
    const half = (wide + widthOf(rest)) / 2;
    setAttribute(this.#label, 'x', clamp((start + end) / 2, half, lanes));
    setAttribute(this.#label, 'y', LABEL_Y);
  }
}

/** So that words of that half width stay in the picture. */
function clamp(x: number, half: number, { gutter, width }: Lanes): number {
  return Math.round(Math.max(gutter + half + 4, Math.min(width - half - 4, x)));
}

const widthOf = (words: string): number =>
  words.length * CHARACTER_PX + (words.match(/[A-Z0-9_]/g)?.length ?? 0) * CAPITAL_PX;

function clip(words: string, room: number): string {
  const characters = Math.max(2, Math.floor((room * words.length) / Math.max(1, widthOf(words))));
  return words.length <= characters ? words : `${words.slice(0, characters - 1)}…`;
}

/** @param at when it was; a step is told late, and has the time of what led to it. */
function sentence({ from, to, what, detail, kind, commandId }: Hop, at: number): string {
  const whose = commandId === null ? '' : `, command ${commandId}`;
  const way = kind === 'state' ? `${from} is now ${what}` : `${from} to ${to}: ${what} ${detail}`;
  return `${clockText(at)}, ${way.trim()}${whose}`;
}
