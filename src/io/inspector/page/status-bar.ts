import type { App } from './app.ts';
import { byId, setAttribute, setHidden, setText } from './dom.ts';
import { STREAMS_A_BROWSER } from './turns.ts';

const LATE = 500;
const ELSEWHERE = `Paused: open in other windows of this browser, of which ${STREAMS_A_BROWSER} listen at a time. Click here, or close one of them, and this one goes on.`;

/** Whether what one sees is true: connected or not, how old, how much is missing. */
export class StatusBar {
  readonly #app: App;
  readonly #link = byId('link', HTMLElement);
  readonly #notice = byId('notice', HTMLElement);
  readonly #about = byId('about', HTMLElement);
  readonly #signIn = byId('sign-in', HTMLFormElement);
  readonly #token = byId('token', HTMLInputElement);

  constructor(app: App) {
    this.#app = app;
    const problem = byId('sign-in-problem', HTMLElement);
    this.#signIn.addEventListener('submit', (event) => {
      event.preventDefault();
      void app.connection.signIn(this.#token.value).then((wrong) => {
        setText(problem, wrong ?? '');
        if (wrong === null) this.#token.value = '';
        else this.#token.focus();
      });
    });
  }

  render(): void {
    const { link, player, lost, waiting } = this.#app;
    const [tone, words] = player !== null ? (['calm', 'Recording'] as const) : linkWords(link);
    setText(this.#link, words);
    setAttribute(this.#link, 'data-tone', tone);
    setText(this.#about, aboutText(this.#app));
    setText(this.#notice, noticeOf(this.#app, lost, waiting));
    setHidden(this.#notice, this.#notice.textContent === '');
    const isAsked = player === null && link.state === 'signIn';
    if (isAsked && this.#signIn.hidden) queueMicrotask(() => this.#token.focus());
    setHidden(this.#signIn, !isAsked);
    document.body.classList.toggle('asks', isAsked);
  }
}

/** Whose version, and what cars: of a recording its own, whoever serves the page. */
function aboutText({ player, version, isSimulated }: App): string {
  const about = player === null ? { version, simulated: isSimulated } : player.recording;
  return [about.version, about.simulated === true ? 'simulated cars' : ''].filter((word) => word !== '').join(' · ');
}

function linkWords(link: App['link']): readonly ['good' | 'busy' | 'bad' | 'warn' | 'calm', string] {
  switch (link.state) {
    case 'elsewhere':
      return ['calm', 'Paused'];
    case 'live':
      return ['good', 'Live'];
    case 'connecting':
      return ['busy', 'Connecting'];
    case 'signIn':
      return ['warn', 'Sign-in needed'];
    case 'full':
      return ['warn', 'Too many inspectors'];
    case 'refused':
      return ['bad', 'Refused'];
    case 'lost':
      return ['bad', 'Disconnected'];
  }
}

function noticeOf({ link, player }: App, lost: number, waiting: number): string {
  if (player !== null) return '';
  const seconds = 'retryAt' in link ? Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000)) : 0;
  if (link.state === 'full' || link.state === 'refused') return `${link.sentence} Trying again in ${seconds} s.`;
  if (link.state === 'elsewhere') return ELSEWHERE;
  if (link.state === 'lost')
    return `The daemon does not answer. What you see is what was last known. Trying again in ${seconds} s.`;
  if (lost > 0) return `${lost} entries are missing: they came faster than this page could take them.`;
  return waiting > LATE ? `${waiting} entries are still to be shown.` : '';
}
