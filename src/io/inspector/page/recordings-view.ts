import type { App } from './app.ts';
import { byId, h, setHidden, setText } from './dom.ts';
import { isObject } from './read-entry.ts';
import { readRecording } from './recording.ts';

interface Listed {
  readonly name: string;
  readonly bytes: number;
  /** Epoch ms; null if the file does not say. */
  readonly startedAt: number | null;
  readonly why: string | null;
}

/** Recordings: of the daemon, or a file from anywhere. Opening one runs nothing. */
export class RecordingsView {
  readonly #app: App;
  readonly #list = byId('recordings-list', HTMLElement);
  readonly #problem = byId('recordings-problem', HTMLElement);
  readonly #empty = byId('recordings-empty', HTMLElement);

  constructor(app: App) {
    this.#app = app;
    const input = byId('recording-file', HTMLInputElement);
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      if (file !== undefined) void file.text().then((text) => this.#open(file.name, text));
      input.value = '';
    });
  }

  /** Asks the daemon what it has. */
  async refresh(): Promise<void> {
    const listed = await list();
    setHidden(this.#empty, listed.length > 0);
    this.#list.replaceChildren(
      ...listed.map(({ name, bytes, startedAt, why }) => {
        const open = h('button', { type: 'button' }, 'Open');
        open.setAttribute('aria-label', `Open the recording ${name}`);
        open.addEventListener('click', () => void this.#fetch(name));
        const about = [
          ...(startedAt === null ? [] : [new Date(startedAt).toLocaleString()]),
          `${Math.ceil(bytes / 1024)} KB`,
          ...(why === null ? [] : [why]),
        ];
        return h(
          'li',
          {},
          h(
            'span',
            { class: 'lines' },
            h('span', { class: 'name' }, name),
            h('span', { class: 'faint' }, about.join(' · ')),
          ),
          open,
        );
      }),
    );
  }

  async #fetch(name: string): Promise<void> {
    try {
      const response = await fetch(`/api/recordings/${encodeURIComponent(name)}`);
      if (!response.ok) throw new Error(String(response.status));
      await this.#open(name, await response.text());
    } catch {
      setText(this.#problem, `${name} could not be fetched.`);
    }
  }

  async #open(name: string, text: string): Promise<void> {
    setText(this.#problem, 'Reading …');
    const recording = await readRecording(name, text);
    if (typeof recording === 'string') {
      setText(this.#problem, recording);
      return;
    }
    setText(
      this.#problem,
      recording.skipped === 0 ? '' : `${recording.skipped} lines were left out: not readable, or too many.`,
    );
    this.#app.open(recording);
    this.#app.show('sequence');
  }
}

async function list(): Promise<readonly Listed[]> {
  try {
    const response = await fetch('/api/recordings');
    const found: unknown = response.ok ? await response.json() : [];
    return (Array.isArray(found) ? found : []).filter(isObject).map(({ name, bytes, startedAt, why }) => ({
      name: String(name),
      bytes: Number(bytes),
      startedAt: typeof startedAt === 'number' ? startedAt : null,
      why: typeof why === 'string' ? why : null,
    }));
  } catch {
    return [];
  }
}
