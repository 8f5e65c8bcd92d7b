/** What every picture is drawn with: colours for light and dark, text that is safe and its width. Pure, for any runtime. */

/** Each colour: its name, for light and for dark surroundings. */
export const COLOURS = {
  paper: ['#ffffff', '#0f141b'],
  ink: ['#1b2430', '#e3e9f1'],
  faint: ['#5b6673', '#9aa7b7'],
  line: ['#7b8794', '#7c8a9b'],
  box: ['#f3f6fa', '#1a222d'],
  border: ['#a9b4c0', '#3d4a5a'],
  final: ['#eaf5ee', '#16281f'],
  guard: ['#8a5a00', '#e0b15c'],
  event: ['#0b4f8a', '#8cc3f5'],
  world: ['#fbf3e4', '#2a2416'],
  outside: ['#1f57c3', '#8ab4ff'],
  good: ['#17703f', '#6fd39a'],
  busy: ['#8a5300', '#f0bd62'],
  warn: ['#9a4300', '#ffa768'],
  bad: ['#b3202e', '#ff8c90'],
  active: ['#ffe9b8', '#5a4300'],
  activeLine: ['#b26a00', '#ffb84d'],
} as const satisfies Record<string, readonly [string, string]>;
export type Colour = keyof typeof COLOURS;

const declared = (which: 0 | 1): string =>
  Object.entries(COLOURS)
    .map(([name, pair]) => `--${name}:${pair[which]}`)
    .join(';');

/**
 * Rules that hold for one kind of picture only, however many stand in one page. The colours are variables of the picture's
 * root, so that a page with a theme of its own can set them there.
 *
 * @param kind the class of the root.
 * @param rules one a line, `selector{…}`; selectors below the root.
 */
export function styleOf(kind: string, rules: string): string {
  const scoped = rules
    .trim()
    .split('\n')
    .map((rule) => {
      const at = rule.indexOf('{');
      const selectors = rule.slice(0, at).split(',');
      return `${selectors.map((selector) => `.${kind} ${selector}`).join(',')}${rule.slice(at)}`;
    });
  return [
    '',
    `.${kind}{${declared(0)};font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}`,
    `@media (prefers-color-scheme:dark){.${kind}{${declared(1)}}}`,
    ...scoped,
    '',
  ].join('\n');
}

/** The plain colour first, for renderers that know no custom properties. */
export const paint = (property: 'fill' | 'stroke', colour: Colour): string =>
  `${property}:${COLOURS[colour][0]};${property}:var(--${colour})`;

/** What a picture is called, to people who see it and to those who hear it. */
export interface Named {
  /** Unique in the page that it is put into: letters, digits, `-`. All ids in the picture begin with it. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** The opening of a picture, up to what is drawn. `kind` is the class of its root, and what its rules are scoped by. */
export function opening(kind: string, named: Named, size: { readonly width: number; readonly height: number }): string {
  const { id, title, description } = named;
  const [width, height] = [Math.ceil(size.width), Math.ceil(size.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${kind}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">`,
    `<title id="${id}-title">${plain(title)}</title>`,
    `<desc id="${id}-desc">${plain(description)}</desc>`,
  ].join('\n');
}

/** An arrow head, to be referred to as `url(#…)`. */
export const arrowHead = (id: string, style = 'head'): string =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="8.5" markerHeight="8.5" orient="auto-start-reverse"><path class="${style}" d="M0 0.5 8 4 0 7.5z"/></marker>`;

/** Text that is safe between tags and in attributes, whoever wrote it. */
export const plain = (words: string): string =>
  printable(words)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** Without what may not stand in XML, and what turns the direction of the words after it. */
export const printable = (words: string): string =>
  words.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, ' ').replaceAll(/[\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\u{fffd}');

/** Two decimals are enough, and the same on every machine. */
export const n = (value: number): string => String(Math.round(value * 100) / 100);

/**
 * The font is monospaced, so its width is its length: 0.62 em a character, which is a little more than the widest of the
 * usual monospaced fonts need. Scripts without a monospaced font are taken for twice as wide.
 */
const EM_PER_CHARACTER = 0.62;
const WIDE_FROM = 0x1100;
export function widthOf(text: string, fontSize: number): number {
  let characters = 0;
  for (const character of text) characters += (character.codePointAt(0) ?? 0) >= WIDE_FROM ? 2 : 1;
  return Math.ceil(characters * fontSize * EM_PER_CHARACTER);
}

/** Lines of at most so many characters, broken between words where that can be; at most so many lines, then `…`. */
export function wrapped(text: string, characters: number, lines = 4): readonly string[] {
  const found: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ').filter(Boolean)) {
    let rest = [...word];
    if (line !== '' && line.length + 1 + rest.length > characters) {
      found.push(line);
      line = '';
    }
    while (rest.length > characters) {
      const most = rest.slice(0, characters);
      // A topic or an address is broken behind one of its parts, if that does not leave the line nearly empty.
      const part = most.findLastIndex((character) => '/._'.includes(character)) + 1;
      const end = part > characters / 2 ? part : characters;
      found.push(rest.slice(0, end).join(''));
      rest = rest.slice(end);
    }
    line = line === '' ? rest.join('') : `${line} ${rest.join('')}`;
  }
  if (line !== '') found.push(line);
  if (found.length <= lines) return found;
  const last = [...(found[lines - 1] ?? '')].slice(0, characters - 1).join('');
  return [...found.slice(0, lines - 1), `${last}…`];
}
