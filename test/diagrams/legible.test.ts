import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { widthOf } from '../../src/io/inspector/page/svg-kit.ts';

/** The files themselves, as a reader gets them: whatever drew them. That they are fresh is checked elsewhere. */
const FOLDER = join(import.meta.dirname, '..', '..', 'diagrams');
const PICTURES = readdirSync(FOLDER).filter((name) => name.endsWith('.svg'));

/** The width at which a page of documentation shows a picture, in px. */
const COLUMN = 800;
/** Of the type that tells what happens, at that width, in px. */
const SMALLEST_TYPE = 7.5;
/** Of what is said beside it. */
const SMALLEST_NOTE = 7;
/** Between a title and a line that leads past it, in px. */
const BESIDE = 8;
/** Of a line of type around its baseline, in em. */
const [ASCENT, DESCENT] = [0.74, 0.2];

interface Words {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

describe.each(PICTURES)('%s', (name) => {
  const svg = readFileSync(join(FOLDER, name), 'utf8');
  const [width, height] = sizeOf(svg);
  const words = wordsOf(svg);

  test('has words, and none of them leaves the picture', () => {
    expect(words.length).toBeGreaterThan(5);
    for (const { text, ...edges } of words) expect(Object.values(edges).every(Number.isFinite), text).toBe(true);
    const outside = words.filter(
      ({ left, right, top, bottom }) => left < 0 || top < 0 || right > width || bottom > height,
    );
    expect(outside).toEqual([]);
  });

  test('has no words on others', () => {
    const overlapping = words.flatMap((one, i) =>
      words
        .slice(i + 1)
        .filter((other) => overlap(one, other))
        .map((other) => [one.text, other.text]),
    );
    expect(overlapping).toEqual([]);
  });

  test('has no line through a title, or close beside it', () => {
    expect(crossings(svg)).toEqual([]);
  });

  test('can be read where it is shown as wide as a page', () => {
    const shown = Math.min(1, COLUMN / width);
    expect(defaultType(svg) * shown).toBeGreaterThanOrEqual(SMALLEST_TYPE);
    for (const size of sizesOfType(svg)) expect(size * shown).toBeGreaterThanOrEqual(SMALLEST_NOTE);
  });
});

describe('the check of the pictures', () => {
  test('sees a line through a title, and one beside it that is too near', () => {
    const title = '<g class="words"><text class="name" x="100" y="40">failed</text></g>';
    const picture = (d: string) =>
      `<svg viewBox="0 0 200 100">\n.kind text{font-size:10px}\n.kind .name{font-size:13px;text-anchor:middle}\n<g class="edge event" data-edge="x"><path d="${d}"/></g>${title}</svg>`;
    expect(crossings(picture('M120 10L120 90'))).toEqual(['failed']);
    expect(crossings(picture('M10 20L10 35Q10 36 11 36L190 36'))).toEqual(['failed']);
    expect(crossings(picture('M130 10L130 90'))).toEqual(['failed']);
    expect(crossings(picture('M136 10L136 90'))).toEqual([]);
    expect(crossings(picture('M100 0L100 20'))).toEqual([]);
  });

  const drawn = (x: number, y: number) =>
    `<svg viewBox="0 0 200 100">\n.kind text{font-size:10px}\n<text x="20" y="40">one two</text><text x="${x}" y="${y}">three</text></svg>`;
  const found = (svg: string) => wordsOf(svg).map(({ text }) => text);

  test('sees words on words, words beside words, and words over the edge', () => {
    const [one, two] = wordsOf(drawn(50, 44));
    expect(found(drawn(50, 44))).toEqual(['one two', 'three']);
    expect(one !== undefined && two !== undefined && overlap(one, two)).toBe(true);
    const [, beside] = wordsOf(drawn(70, 40));
    expect(one !== undefined && beside !== undefined && overlap(one, beside)).toBe(false);
    expect(wordsOf(drawn(190, 40))[1]?.right).toBeGreaterThan(sizeOf(drawn(190, 40))[0]);
  });
});

function sizeOf(svg: string): readonly [number, number] {
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  return [Number(width), Number(height)];
}

/** Titles with a line through them, or so near beside them that it might be taken for a letter. */
function crossings(svg: string): readonly string[] {
  const lines = [
    ...svg.matchAll(/<g class="(?:edge|beginning)[^"]*"[^>]*>(?:<circle[^>]*>)?<path d="([^"]*)"/g),
  ].flatMap(([, d = '']) => segmentsOf(d));
  const titles = wordsOf(svg, 'name');
  const isCrossed = ({ left, right, top, bottom }: Words) =>
    lines.some(
      ([from, to]) =>
        Math.min(from.x, to.x) < right + BESIDE &&
        Math.max(from.x, to.x) > left - BESIDE &&
        Math.min(from.y, to.y) < bottom &&
        Math.max(from.y, to.y) > top,
    );
  return titles.filter(isCrossed).map(({ text }) => text);
}

/** Of a path of straight lines whose corners are rounded. */
function segmentsOf(d: string) {
  const numbers = [...d.matchAll(/-?[\d.]+/g)].map(Number);
  const points = numbers.flatMap((x, i) => (i % 2 === 0 ? [{ x, y: numbers[i + 1] ?? Number.NaN }] : []));
  return points.slice(1).map((to, i) => [points[i] ?? to, to] as const);
}

const sizesOfType = (svg: string) => [...svg.matchAll(/font-size:([\d.]+)px/g)].map(([, size]) => Number(size));
const defaultType = (svg: string) => Number(/^\.\w+ text\{font-size:([\d.]+)px/m.exec(svg)?.[1] ?? Number.NaN);

/** @param style only those of this class. */
function wordsOf(svg: string, style?: string): readonly Words[] {
  const rules = [...svg.matchAll(/^\.\w+ ([^{}@\n]*)\{([^}]*)\}/gm)];
  /** What the last rule says that names the class, or all text. */
  const said = (classes: readonly string[], property: string): string | undefined =>
    rules
      .filter(([, selectors = '']) =>
        selectors.split(',').some((one) => {
          const last = one.split(' ').at(-1) ?? '';
          return last === 'text' || classes.includes(last.replace('.', ''));
        }),
      )
      .map(([, , body = '']) => new RegExp(`(?:^|;)${property}:([^;]+)`).exec(body)?.[1])
      .findLast((value) => value !== undefined);
  const all = [...svg.matchAll(/<text([^>]*)>(.*?)<\/text>/g)];
  const wanted =
    style === undefined ? all : all.filter(([, attributes = '']) => attributes.includes(` class="${style}"`));
  return wanted.map(([, attributes = '', inner = '']) => {
    const attribute = (key: string) => new RegExp(` ${key}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    const classes = attribute('class').split(' ');
    const text = inner
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    const size = Number.parseFloat(said(classes, 'font-size') ?? '');
    const wide = widthOf(text, size);
    const [x, y] = [Number(attribute('x')), Number(attribute('y'))];
    const anchor = said(classes, 'text-anchor') ?? 'start';
    const left = anchor === 'middle' ? x - wide / 2 : anchor === 'end' ? x - wide : x;
    return { text, left, right: left + wide, top: y - size * ASCENT, bottom: y + size * DESCENT };
  });
}

const overlap = (a: Words, b: Words) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
