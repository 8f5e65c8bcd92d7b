import { clockText } from './actor-words.ts';
import type { App } from './app.ts';
import { byId, setAttribute, setHidden, setText } from './dom.ts';

/** The bar that steps through a recording. There only while one is open. */
export class PlayerBar {
  readonly #app: App;
  readonly #bar = byId('player', HTMLElement);
  readonly #play = byId('player-play', HTMLButtonElement);
  readonly #scrub = byId('player-scrub', HTMLInputElement);
  readonly #name = byId('player-name', HTMLElement);
  readonly #where = byId('player-where', HTMLElement);

  constructor(app: App) {
    this.#app = app;
    const speed = byId('player-speed', HTMLSelectElement);
    this.#play.addEventListener('click', () =>
      app.player?.isPlaying === true ? app.player.pause() : app.player?.play(),
    );
    this.#scrub.addEventListener('input', () => this.#go(Number(this.#scrub.value)));
    byId('player-back', HTMLButtonElement).addEventListener('click', () => this.#go((app.player?.position ?? 0) - 1));
    byId('player-next', HTMLButtonElement).addEventListener('click', () => this.#go((app.player?.position ?? 0) + 1));
    byId('player-close', HTMLButtonElement).addEventListener('click', () => app.close());
    speed.addEventListener('change', () => {
      if (app.player !== null) app.player.speed = Number(speed.value);
    });
  }

  render(): void {
    const { player } = this.#app;
    setHidden(this.#bar, player === null);
    if (player === null) return;
    const { recording, position, length, isPlaying } = player;
    setText(this.#name, recording.name);
    setText(this.#play, isPlaying ? 'Pause' : 'Play');
    setAttribute(this.#scrub, 'max', length);
    setAttribute(this.#scrub, 'aria-valuetext', `entry ${position} of ${length}`);
    if (Number(this.#scrub.value) !== position) this.#scrub.value = String(position);
    setText(this.#where, `${position} of ${length} · ${clockText(player.at)}`);
  }

  #go(position: number): void {
    const { player } = this.#app;
    if (player === null) return;
    if (player.isPlaying) player.pause();
    player.moveTo(position);
  }
}
