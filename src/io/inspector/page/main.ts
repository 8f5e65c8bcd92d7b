import { ActorsView } from './actors-view.ts';
import { App, VIEWS, type ViewName } from './app.ts';
import { ChartView } from './chart-view.ts';
import { byId, setAttribute } from './dom.ts';
import { HealthView } from './health-view.ts';
import { LogView } from './log-view.ts';
import { PlayerBar } from './player-bar.ts';
import { RecordingsView } from './recordings-view.ts';
import { SequenceView } from './sequence-view.ts';
import { StatusBar } from './status-bar.ts';
import { startTheme } from './theme.ts';

/** Puts the page together. Draws at most once a frame, and four times a second for what only time changes. */
const TICK_MS = 250;
const RELEASED_AFTER_MS = 3_000;
/** Wide enough for the tree beside the view. The same as in page.css. */
const WIDE = matchMedia('(min-width: 60rem)');

startTheme();
let isPlanned = false;
const app = new App(plan);
const actors = new ActorsView(app);
const chart = new ChartView(app);
const sequence = new SequenceView(app);
const health = new HealthView(app);
const log = new LogView(app);
const recordings = new RecordingsView(app);
const player = new PlayerBar(app);
const status = new StatusBar(app);
const buttons = VIEWS.map((view) => [view, byId(`show-${view}`, HTMLButtonElement)] as const);
let shown: ViewName | null = null;
let written = '';

// They scroll, so the keyboard must get there.
for (const id of ['chart-scroll', 'details', 'health', 'recordings']) byId(id, HTMLElement).tabIndex = 0;
for (const [view, button] of buttons) button.addEventListener('click', () => app.show(view));
WIDE.addEventListener('change', plan);
addEventListener('hashchange', readHash);
readHash();
if (!WIDE.matches && location.hash === '') app.view = 'actors';
setInterval(plan, TICK_MS);
releaseWhenHidden();
if (!document.hidden) app.look();
for (const sign of ['focus', 'pointerdown', 'keydown']) addEventListener(sign, () => app.look(), { passive: true });
addEventListener('pagehide', () => app.rest());
app.listen();

/** A browser has few connections to one host: pages that nobody looks at must not keep others from coming in. */
function releaseWhenHidden(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReleased = false;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        isReleased = app.player === null;
        if (isReleased) app.rest();
      }, RELEASED_AFTER_MS);
      return;
    }
    app.look();
    if (isReleased && app.player === null) app.listen();
    isReleased = false;
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && app.player === null) app.listen();
  });
  if (document.hidden) look();
}

function plan(): void {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    draw();
  });
}

function draw(): void {
  const now = app.now();
  // Beside the tree there is always something to see.
  const view = WIDE.matches && app.view === 'actors' ? 'chart' : app.view;
  if (view !== shown) {
    shown = view;
    document.body.setAttribute('data-view', view);
    for (const [name, button] of buttons) setAttribute(button, 'aria-current', name === view ? 'page' : null);
    if (view === 'recordings') void recordings.refresh();
  }
  status.render();
  player.render();
  if (WIDE.matches || view === 'actors') actors.render(now);
  if (view === 'chart') chart.render(now);
  if (view === 'sequence') sequence.render();
  if (view === 'health') {
    health.render(now);
    log.render(now);
  }
  writeHash();
}

/** The address of the page names what it shows, so that a reload or a link shows it again. */
function writeHash(): void {
  const { address, commandId } = app.selection;
  const words = new URLSearchParams({ view: app.view });
  if (address !== null) words.set('actor', address);
  if (commandId !== null) words.set('command', commandId);
  const hash = `#${words}`;
  // Only what changed here: an address that somebody has just entered has not been read yet.
  if (hash === written) return;
  written = hash;
  if (location.hash !== hash) history.replaceState(null, '', hash);
}

function readHash(): void {
  const words = new URLSearchParams(location.hash.slice(1));
  const view = VIEWS.find((name) => name === words.get('view'));
  if (view !== undefined) app.view = view;
  app.selection = { address: words.get('actor'), commandId: words.get('command') };
  plan();
}
