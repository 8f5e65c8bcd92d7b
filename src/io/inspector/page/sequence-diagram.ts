import { rankOf } from './lane-order.ts';
import { columnsOf, type Placed, placed, SIZE } from './sequence-layout.ts';
import { arrowHead, type Colour, type Named, n, opening, paint, plain, printable, styleOf } from './svg-kit.ts';

/**
 * Draws who told what to whom, in the order of the rows. The same rows give the same text; nothing in it is taken for
 * markup, whoever wrote it. Nothing here needs a browser or Node.
 */
export interface SequenceRow {
  /** Epoch ms. */
  readonly at: number;
  /** Names of lanes: `broker`, `bridge`, `vehicle ev6`, `command`, `token`, `breaker`, `cloud`. */
  readonly from: string;
  /** The same as `from` for what somebody does by itself. */
  readonly to: string;
  /** `REFRESH`, `POST …/control/door`, `refreshing → valid`. */
  readonly what: string;
  /** What is worth knowing of it; empty or null if nothing is. */
  readonly detail?: string | null;
  /** How long it took, if it took time. */
  readonly durationMs?: number | null;
  /** An event between actors, a message at the broker, a call to the cloud, or a state that somebody is in now. */
  readonly kind?: 'event' | 'message' | 'call' | 'state';
  /** What it sounds like. */
  readonly tone?: 'plain' | 'good' | 'busy' | 'warn' | 'bad';
}

export interface SequenceOptions extends Partial<Named> {
  /** The lanes from left to right; those that are not named here follow in their usual order. */
  readonly lanes?: readonly string[];
  /** What the times count from, epoch ms; by default the first row. Rows before it have negative times. */
  readonly begunAt?: number;
}

export interface SequenceDiagram {
  readonly svg: string;
  /** `sequenceDiagram` of Mermaid. */
  readonly mermaid: string;
}

export function sequenceDiagram(rows: readonly SequenceRow[], options: SequenceOptions = {}): SequenceDiagram {
  const lanes = lanesOf(rows, options.lanes ?? []);
  const named: Named = {
    id: options.id ?? 'sequence',
    title: options.title ?? 'Sequence diagram',
    description: options.description ?? describe(rows, lanes),
  };
  return {
    svg: svgOf(rows, lanes, named, options.begunAt ?? rows[0]?.at ?? 0),
    mermaid: mermaidOf(rows, lanes, named),
  };
}

function lanesOf(rows: readonly SequenceRow[], named: readonly string[]): readonly string[] {
  const met = [...new Set(rows.flatMap(({ from, to }) => [from, to]))].filter((lane) => !named.includes(lane));
  return [...new Set(named), ...met.sort((one, other) => rankOf(one) - rankOf(other))];
}

/** What a picture of these rows tells, in words. */
function describe(rows: readonly SequenceRow[], lanes: readonly string[]): string {
  const steps = rows.slice(0, MOST_TOLD).map(({ from, to, what }) => {
    return from === to ? `${from}: ${what}` : `${from} to ${to}: ${what}`;
  });
  const more = rows.length > MOST_TOLD ? [`and ${rows.length - MOST_TOLD} more`] : [];
  return `${rows.length} steps between ${lanes.join(', ')}. ${[...steps, ...more].join('; ')}.`;
}
const MOST_TOLD = 60;

// ── SVG ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
const TONES = ['good', 'busy', 'warn', 'bad'] as const;
const toned = (tone: Colour): string => `.${tone} .what{${paint('fill', tone)};font-weight:600}
.${tone} .arrow{${paint('stroke', tone)}}
.${tone} .here{${paint('stroke', tone)}}
.tip-${tone}{${paint('fill', tone)}}`;
const STYLE = styleOf(
  'sequence',
  `
text{font-size:${SIZE.font}px;${paint('fill', 'ink')}}
.paper{${paint('fill', 'paper')}}
.lane{${paint('fill', 'box')};${paint('stroke', 'border')}}
.world .lane{${paint('fill', 'world')}}
.name{font-size:${SIZE.nameFont}px;font-weight:600;text-anchor:middle}
.life{${paint('stroke', 'border')};stroke-dasharray:2 4}
.time,.detail{font-size:${SIZE.smallFont}px;${paint('fill', 'faint')}}
.time{text-anchor:end}
.what,.detail{text-anchor:middle}
.message .what,.call .what{${paint('fill', 'outside')}}
.arrow{fill:none;${paint('stroke', 'line')};stroke-width:1.3}
.message .arrow,.call .arrow{${paint('stroke', 'outside')}}
.tip-event{${paint('fill', 'line')}}
.tip-world{${paint('fill', 'outside')}}
.plate{${paint('fill', 'paper')};fill-opacity:.88}
.here{${paint('fill', 'box')};${paint('stroke', 'border')}}
${TONES.map(toned).join('\n')}
.row.active .here{${paint('fill', 'active')};${paint('stroke', 'activeLine')}}
.row.active .arrow{${paint('stroke', 'activeLine')};stroke-width:2.4}
`,
);
const AT_THE_EDGE = new Set(['sender', 'broker', 'cloud', 'journal']);

function svgOf(rows: readonly SequenceRow[], lanes: readonly string[], named: Named, begunAt: number): string {
  const columns = columnsOf(rows, lanes);
  const { rows: drawn, width, height } = placed(rows, columns, begunAt);
  const bottom = height - SIZE.margin;
  return [
    opening('sequence', named, { width, height }),
    `<style>${STYLE}</style>`,
    `<defs>${tipsIn(rows)
      .map((tip) => arrowHead(`${named.id}-${tip}`, `tip-${tip}`))
      .join('')}</defs>`,
    `<rect class="paper" width="${Math.ceil(width)}" height="${Math.ceil(height)}"/>`,
    ...columns.map(({ lane, x, width: wide }) => {
      const kind = AT_THE_EDGE.has(lane.split(/[ /]/)[0] ?? '') ? ' class="world"' : '';
      return [
        `<g${kind} data-lane="${plain(lane)}"><path class="life" d="M${n(x)} ${SIZE.top}V${n(bottom)}"/>`,
        `<rect class="lane" x="${n(x - wide / 2)}" y="${SIZE.margin}" width="${n(wide)}" height="${SIZE.lane}" rx="6"/>`,
        `<text class="name" x="${n(x)}" y="${SIZE.margin + SIZE.lane / 2 + 4.5}">${plain(lane)}</text></g>`,
      ].join('');
    }),
    ...drawn.map((row, at) => rowOf(row, at, named.id)),
    '</svg>',
    '',
  ].join('\n');
}

/** What the head of its arrow is like. A marker does not take the colour of its line everywhere. */
function tipOf({ kind, tone = 'plain' }: SequenceRow): string {
  if (tone !== 'plain') return tone;
  return kind === 'message' || kind === 'call' ? 'world' : 'event';
}

const tipsIn = (rows: readonly SequenceRow[]): readonly string[] => [
  ...new Set(rows.filter(({ from, to }) => from !== to).map(tipOf)),
];

function rowOf(placedRow: Placed, at: number, id: string): string {
  const { row, y, height, from, to, middle, what, detail, wide, time } = placedRow;
  const kind = row.kind ?? 'event';
  const isHere = from === to;
  const below = y + what.length * SIZE.line;
  const noteTop = isHere ? below : below + 6;
  const plate = (style: string, top: number, tall: number, radius: number) =>
    `<rect class="${style}" x="${n(middle - wide / 2)}" y="${n(top)}" width="${n(wide)}" height="${n(tall)}" rx="${radius}"/>`;
  const words = (style: string, lines: readonly string[], top: number, line: number) =>
    lines.map(
      (text, i) => `<text class="${style}" x="${n(middle)}" y="${n(top + (i + 1) * line - 3)}">${plain(text)}</text>`,
    );
  const arrow = `<path class="arrow" d="M${n(from)} ${n(below + 3)}H${n(to)}" marker-end="url(#${id}-${tipOf(row)})"/>`;
  const isTold = detail.length > 0;
  return [
    `<g class="row ${kind}${row.tone === undefined || row.tone === 'plain' ? '' : ` ${row.tone}`}" data-row="${at}"><text class="time" x="${SIZE.time}" y="${n(y + SIZE.line - 3)}">${plain(time)}</text>`,
    isHere ? plate('here', y, height, 9) : plate('plate', y, what.length * SIZE.line, 2),
    ...(isTold && !isHere ? [plate('plate', noteTop, detail.length * SIZE.smallLine, 2)] : []),
    ...words('what', what, y, SIZE.line),
    ...(isHere ? [] : [arrow]),
    ...words('detail', detail, noteTop, SIZE.smallLine),
    '</g>',
  ].join('');
}

// ── Mermaid ─────────────────────────────────────────────────────────────────────────────────────────────────────────
function mermaidOf(rows: readonly SequenceRow[], lanes: readonly string[], { title }: Named): string {
  const nameOf = new Map(lanes.map((lane, at) => [lane, `p${at}`]));
  const steps = rows.map(({ from, to, what, detail, kind }) => {
    const words = [what, detail ?? ''].filter(Boolean).map(safe).join('<br/>');
    if (from === to) return `    Note over ${nameOf.get(from)}: ${words}`;
    const arrow = kind === 'call' || kind === 'message' ? '-->>' : '->>';
    return `    ${nameOf.get(from)}${arrow}${nameOf.get(to)}: ${words}`;
  });
  return [
    'sequenceDiagram',
    `    accTitle: ${safe(title)}`,
    ...lanes.map((lane, at) => `    participant p${at} as ${safe(lane)}`),
    ...steps,
    '',
  ].join('\n');
}

/** Mermaid has entities of its own for what would end a line, or be taken for markup. */
const ENTITIES: Readonly<Record<string, string>> = {
  '#': '#35;',
  ';': '#59;',
  '<': '#lt;',
  '>': '#gt;',
  '&': '#amp;',
  '%': '#37;',
};
const safe = (words: string): string => printable(words).replaceAll(/[#;<>&%]/g, (mark) => ENTITIES[mark] ?? mark);
