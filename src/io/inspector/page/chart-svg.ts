import { s } from './dom.ts';

/** A generated diagram: its elements, and its style sheet apart, because a page with our CSP has no inline style. */
export interface Diagram {
  readonly svg: SVGSVGElement;
  readonly css: string;
}

const TAGS = [
  'g',
  'rect',
  'path',
  'text',
  'tspan',
  'circle',
  'ellipse',
  'line',
  'polyline',
  'polygon',
  'title',
  'desc',
  'defs',
  'marker',
] as const;
type Tag = (typeof TAGS)[number];
const ATTRIBUTES = new Set(
  'class id x y x1 x2 y1 y2 dx dy width height rx ry r cx cy d points transform viewBox refX refY markerWidth markerHeight orient text-anchor data-state data-edge data-target role aria-label aria-labelledby'.split(
    ' ',
  ),
);
const isTag = (name: string): name is Tag => (TAGS as readonly string[]).includes(name);

/**
 * Reads the text of a diagram. Only elements and attributes that draw are taken over, each made anew: no script, link,
 * handler or style comes along, whoever wrote the file.
 *
 * @returns null if it is no SVG.
 */
export function readDiagram(text: string): Diagram | null {
  const css: string[] = [];
  // Before it is parsed: a style element would be blocked and complained about.
  const bare = text.replace(/<style>([^<]*)<\/style>/g, (_, rules: string) => {
    css.push(rules);
    return '';
  });
  const root = new DOMParser().parseFromString(bare, 'image/svg+xml').documentElement;
  if (root.localName !== 'svg') return null;
  const svg = s('svg', {});
  copyAttributes(root, svg);
  copyChildren(root, svg);
  return { svg, css: css.join('\n') };
}

function copyChildren(from: Element, to: Element): void {
  for (const node of from.childNodes) {
    if (node instanceof Text) to.append(node.data);
    if (!(node instanceof Element) || !isTag(node.localName)) continue;
    const copy = s(node.localName);
    copyAttributes(node, copy);
    copyChildren(node, copy);
    to.append(copy);
  }
}

function copyAttributes(from: Element, to: Element): void {
  for (const { name, value } of from.attributes) {
    const isMarker = /^marker-(start|mid|end)$/.test(name) && /^url\(#[\w-]+\)$/.test(value);
    if (ATTRIBUTES.has(name) || isMarker) to.setAttribute(name, value);
  }
}
