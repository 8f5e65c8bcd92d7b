import type { TakenTransition } from '../wire.ts';
import type { Actor, Footstep } from './actor-table.ts';
import { type Diagram, readDiagram } from './chart-svg.ts';
import { byId, h, setAttribute } from './dom.ts';

/** The diagram takes the page's colours, and moves only where nobody minds. */
const OURS = `
:host{display:block}
svg,svg[class][class]{display:block;--paper:var(--surface);--ink:var(--text);--faint:var(--muted);--line:var(--edge);--box:var(--raised);--border:var(--rule);--event:var(--accent);--active:var(--lit);--activeLine:var(--lit-line)}
.state.active.container>.box{fill:none;stroke-width:2}
.edge.flash path{animation:flash 1.6s ease-out}
.label.flash .plate{animation:plate 1.6s ease-out}
@keyframes flash{from{stroke:var(--accent);filter:drop-shadow(0 0 5px var(--lit-line))}}
@keyframes plate{from{fill:var(--lit)}}
.edge.active path{stroke-width:2}
.head.head.head{fill:context-stroke}
@media (prefers-reduced-motion:reduce){.edge.flash path,.label.flash .plate{animation:none}}
`;

/** What was over in a moment is shown for one. */
const STEP_MS = 220;
/** If there is much to catch up with. */
const HURRIED_MS = 60;

/** Lists are read by the same machine that carries out commands. */
const machineOf = (kind: string) => (kind === 'list' ? 'command' : kind);

/** The generated picture of one machine, with the active states lit. Lives in a shadow tree: its style is its own. */
export class ChartPicture {
  readonly #scroll = byId('chart-scroll', HTMLElement);
  readonly #zoom = byId('chart-zoom', HTMLSelectElement);
  readonly #follow = byId('chart-follow', HTMLInputElement);
  readonly #known = new Map<string, Diagram | null>();
  readonly #root: ShadowRoot;
  #machine: string | null = null;
  #diagram: Diagram | null = null;
  readonly #onMore: () => void;
  #actor: Actor | null = null;
  /** Of the actor: the one that is drawn. */
  #step = 0;
  #drawnAt = 0;

  /** @param onMore wants `show` to be called again. */
  constructor(onMore: () => void) {
    this.#onMore = onMore;
    const host = h('div', { class: 'chart-host' });
    this.#root = host.attachShadow({ mode: 'open' });
    this.#scroll.append(host);
    this.#zoom.addEventListener('change', () => this.#size());
    new ResizeObserver(() => this.#size()).observe(this.#scroll);
  }

  /**
   * Steps that came at once are shown one after the other, each for a moment.
   *
   * @returns the states that are lit.
   */
  show(actor: Actor): readonly string[] {
    const machine = machineOf(actor.kind);
    if (machine !== this.#machine) {
      this.#machine = machine;
      this.#put(null);
      void this.#load(machine);
    }
    if (this.#diagram === null) return actor.states;
    const { trail, steps } = actor;
    if (actor !== this.#actor) {
      this.#actor = actor;
      this.#draw(actor, machine, trail.at(-1), false);
      return actor.states;
    }
    const behind = steps - this.#step;
    if (behind <= 0) return actor.states;
    const left = this.#drawnAt + (behind > 4 ? HURRIED_MS : STEP_MS) - performance.now();
    if (left <= 0)
      this.#draw(
        actor,
        machine,
        trail.find(({ n }) => n > this.#step),
        true,
      );
    if (this.#step >= steps) return actor.states;
    setTimeout(this.#onMore, Math.max(16, left));
    return trail.find(({ n }) => n === this.#step)?.states ?? actor.states;
  }

  #draw(actor: Actor, machine: string, step: Footstep | undefined, isNew: boolean): void {
    const { svg } = this.#diagram ?? {};
    if (svg === undefined) return;
    this.#step = step?.n ?? actor.steps;
    this.#drawnAt = performance.now();
    this.#light(svg, machine, step?.states ?? actor.states, actor.endedAt !== null);
    flash(svg, step?.taken ?? [], isNew);
  }

  async #load(machine: string): Promise<void> {
    if (!this.#known.has(machine)) {
      try {
        const response = await fetch(`/diagrams/${encodeURIComponent(machine)}.svg`);
        this.#known.set(machine, response.ok ? readDiagram(await response.text()) : null);
      } catch {
        // The daemon is away: the next choice tries again.
      }
    }
    if (this.#machine !== machine) return;
    this.#put(this.#known.get(machine) ?? null);
    this.#onMore();
  }

  #put(diagram: Diagram | null): void {
    this.#diagram = diagram;
    this.#actor = null;
    if (diagram === null) {
      this.#root.replaceChildren();
      return;
    }
    const [sheet, ours] = [new CSSStyleSheet(), new CSSStyleSheet()];
    sheet.replaceSync(diagram.css);
    ours.replaceSync(OURS);
    this.#root.adoptedStyleSheets = [sheet, ours];
    this.#root.replaceChildren(diagram.svg);
    this.#size();
  }

  #size(): void {
    const { svg } = this.#diagram ?? {};
    if (svg === undefined) return;
    const { width, height } = svg.viewBox.baseVal;
    const room = this.#scroll.clientWidth - 2;
    const scale = this.#zoom.value === 'fit' ? Math.min(1, room / width) : Number(this.#zoom.value);
    setAttribute(svg, 'width', Math.max(1, Math.floor(width * scale)));
    setAttribute(svg, 'height', Math.max(1, Math.floor(height * scale)));
  }

  #light(svg: SVGSVGElement, machine: string, states: readonly string[], hasEnded: boolean): void {
    const full = states.map((state) =>
      state === machine || state.startsWith(`${machine}.`) ? state : `${machine}.${state}`,
    );
    const isLit = (name: string) => full.some((state) => state === name || state.startsWith(`${name}.`));
    let innermost: SVGGraphicsElement | null = null;
    for (const group of svg.querySelectorAll<SVGGraphicsElement>('g.state[data-state]')) {
      const name = group.getAttribute('data-state') ?? '';
      const isActive = isLit(name);
      group.classList.toggle('active', isActive);
      group.classList.toggle('ended', isActive && hasEnded);
      if (isActive && full.includes(name)) innermost ??= group;
    }
    if (innermost !== null && this.#follow.checked) this.#reveal(innermost, svg);
  }

  /** Into the middle of what is visible, without moving the page. */
  #reveal(group: SVGGraphicsElement, svg: SVGSVGElement): void {
    const scale = svg.clientWidth === 0 ? 1 : svg.clientWidth / svg.viewBox.baseVal.width;
    const box = group.getBBox();
    this.#scroll.scrollTo({
      left: (box.x + box.width / 2) * scale - this.#scroll.clientWidth / 2,
      top: (box.y + box.height / 2) * scale - this.#scroll.clientHeight / 2,
      behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
    });
  }
}

/** Marks the edges of the last transition; flashes them if it has just happened. */
function flash(svg: SVGSVGElement, taken: readonly TakenTransition[], isNew: boolean): void {
  for (const marked of svg.querySelectorAll('[data-edge].active')) marked.classList.remove('active', 'flash');
  for (const group of svg.querySelectorAll('[data-edge]')) {
    const target = group.closest('[data-target]')?.getAttribute('data-target') ?? null;
    const ids = (group.getAttribute('data-edge') ?? '').split(' ');
    if (!taken.some((one) => ids.some((id) => isEdgeOf(id, target, one)))) continue;
    group.classList.add('active');
    if (!isNew) continue;
    // Again from the beginning, also for the edge that was taken just before.
    void group.getBoundingClientRect();
    group.classList.add('flash');
  }
}

/** An edge's id is `<source>:<event>:<n>`; a transition does not know its number, but where it leads. */
function isEdgeOf(id: string, target: string | null, { source, event, targets: led }: TakenTransition): boolean {
  if (!id.startsWith(`${source}:${event}`)) return false;
  const rest = id.slice(source.length + 1 + event.length);
  if (!/^(\..*)?:\d+$/.test(rest)) return false;
  return target === null || led.length === 0 || led.includes(target);
}
