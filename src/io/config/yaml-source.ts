import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { emptyObject, type Given, keyOf, type Origin, type Path, type Raw, type Valueless } from './tree.ts';

export type YamlResult =
  | { readonly ok: true; readonly given: Given }
  | { readonly ok: false; readonly problems: readonly string[] };

const MAX_BYTES = 262_144;
const MAX_NODES = 20_000;
const MAX_DEPTH = 16;

/** The parser's own messages may quote the file, and the file holds passwords: these do not. */
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that begins with * must be in quotes',
  BAD_DIRECTIVE: 'a line that begins with % must be in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape that does not exist; single quotes know no escapes',
  BAD_INDENT: 'the indentation does not fit the lines before',
  BAD_SCALAR_START: 'a value that begins with @ or ` must be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it must be in quotes',
  BLOCK_IN_FLOW: 'an indented block stands inside brackets or braces',
  DUPLICATE_KEY: 'a key is given twice',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTIPLE_DOCS: 'the file holds more than one document (---)',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  UNEXPECTED_TOKEN: 'something stands where it cannot be understood; a value with special characters must be in quotes',
};

class Refused extends Error {}

/**
 * Reads the file's text into texts, lists and objects. Scalars stay text as it was written (a PIN `0123`); an empty value,
 * `~` or `null` without quotes means "not given".
 * @param file the name for the sentences; @param folder what relative paths count from.
 */
export function readYaml(text: string, file: string, folder: string): YamlResult {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return { ok: false, problems: [`${file} is larger than ${MAX_BYTES / 1024} KiB.`] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 5).map((error) => {
      const { line } = lines.linePos(error.pos[0]);
      return `${file}, line ${line}: this is not YAML: ${SYNTAX[error.code] ?? `the parser calls it ${error.code}`}.`;
    });
    return { ok: false, problems: [...new Set(problems)] };
  }
  try {
    return { ok: true, given: new Reader(document, lines, file, folder).read() };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problems: [error.message] };
    throw error;
  }
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #folder: string;
  /** The anchors that somebody refers to. */
  readonly #named = new Set<string>();
  readonly #origins = new Map<string, Origin>();
  readonly #valueless: Valueless[] = [];
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter, file: string, folder: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
    this.#folder = folder;
    visit(document, { Alias: (_, { source }) => void this.#named.add(source) });
  }

  read(): Given {
    const tree = this.#value(this.#document.contents, []) ?? emptyObject();
    if (typeof tree === 'string' || Array.isArray(tree)) throw new Refused(`${this.#file} must hold keys and values.`);
    return { tree, origins: this.#origins, valueless: this.#valueless };
  }

  #value(node: Node | null, path: Path): Raw | undefined {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || path.length > MAX_DEPTH)
      throw new Refused(`${this.#file} is too large or too deep.`);
    if (node === null) return undefined;
    this.#origins.set(keyOf(path), { name: this.#place(node), folder: this.#folder });
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined)
        throw new Refused(`${this.#place(node)}: a value that begins with * must be in quotes.`);
      return this.#value(target, path);
    }
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(str|map|seq)$/.test(node.tag)) {
      throw new Refused(
        `${this.#place(node)}: a value that begins with ! must be in quotes (tags are not understood).`,
      );
    }
    // An anchor that nobody refers to was meant as text: what is left of it would be taken for the value.
    if (isScalar(node) && node.anchor !== undefined && !this.#named.has(node.anchor)) {
      throw new Refused(`${this.#place(node)}: a value that begins with & must be in quotes.`);
    }
    if (isScalar(node)) return this.#scalar(node.value, node.type === 'PLAIN');
    if (isSeq(node)) return node.items.map((item, i) => this.#value(item as Node | null, [...path, i]) ?? '');
    if (!isMap(node)) throw new Refused(`${this.#place(node)}: this kind of value is not understood.`);
    const object = emptyObject();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw new Refused(`${this.#place(node)}: a key must be a word.`);
      const name = String(key.value);
      const read = this.#value(value as Node | null, [...path, name]);
      if (read !== undefined) object[name] = read;
      else this.#valueless.push({ path: [...path, name], origin: { name: this.#place(key), folder: this.#folder } });
    }
    return object;
  }

  #scalar(value: unknown, plain: boolean): string | undefined {
    const text = String(value ?? '');
    return plain && /^(|~|null|Null|NULL)$/.test(text) ? undefined : text;
  }

  #place(node: Node): string {
    const offset = node.range?.[0];
    return offset === undefined ? this.#file : `${this.#file}, line ${this.#lines.linePos(offset).line}`;
  }
}
