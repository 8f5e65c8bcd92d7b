import { isWithin } from './address.ts';
import { Connection, type Link } from './connection.ts';
import { Feed } from './feed.ts';
import { Missing } from './missing.ts';
import { Player } from './player.ts';
import { readEntry } from './read-entry.ts';
import type { Recording } from './recording.ts';
import type { SnapshotHead } from './snapshot.ts';
import { Turns } from './turns.ts';
import { World } from './world.ts';

export const VIEWS = ['actors', 'chart', 'sequence', 'health', 'recordings'] as const;
export type ViewName = (typeof VIEWS)[number];

/** What the person looks at: an actor, a command, or neither. */
export interface Selection {
  readonly address: string | null;
  readonly commandId: string | null;
}

const NOBODY: Selection = { address: null, commandId: null };
/** By which the pages of one browser hear of each other. */
const CHANNEL = 'bluelinkd-streams';

/** What the page knows and what the person chose. The views read it and call its methods; it calls `onChange`. */
export class App {
  readonly world = new World();
  readonly connection: Connection;
  readonly #feed: Feed;
  readonly #turns: Turns;
  readonly #missing = new Missing();
  readonly #onChange: () => void;
  selection: Selection = NOBODY;
  view: ViewName = 'chart';
  link: Link | { readonly state: 'elsewhere' } = { state: 'connecting' };
  version = '';
  isSimulated = false;
  /** Null as long as the page shows what happens now. */
  player: Player | null = null;
  /** The daemon's clock minus ours, ms. */
  #skewMs = 0;
  /** Entries that the feed had lost when the whole picture was asked for again. */
  #lost = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#feed = new Feed(
      (entry) => this.world.apply(entry),
      () => {
        this.#catchUp();
        this.changed();
      },
    );
    const channel = new BroadcastChannel(CHANNEL);
    this.#turns = new Turns({
      id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
      send: (told) => channel.postMessage(told),
      now: () => Date.now(),
      onTurn: (isOurs) => this.#turn(isOurs),
    });
    channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#turns.heard(data);
    this.connection = new Connection({
      onStart: (about) => this.#begin(about),
      onEntries: (entries) => this.#hear(entries),
      onLink: (link) => {
        this.link = link;
        this.changed();
      },
    });
  }

  /** Of the daemon, or of the recording; epoch ms. */
  now(): number {
    return this.player === null ? Date.now() + this.#skewMs : this.player.at;
  }

  /** Entries that have been missed lately. */
  get lost(): number {
    return this.#missing.said(this.world.dropped + this.#feed.lost, performance.now());
  }

  /** Entries that wait to be shown. */
  get waiting(): number {
    return this.#feed.left;
  }

  changed(): void {
    this.#onChange();
  }

  show(view: ViewName): void {
    this.view = view;
    this.changed();
  }

  /** An actor; with it the command that it is. */
  select(address: string | null): void {
    if (address === null) this.selection = NOBODY;
    else this.selection = { address, commandId: this.world.actors.get(address)?.commandId ?? null };
    this.changed();
  }

  /** A command, also one whose actor is long gone. */
  selectCommand(commandId: string): void {
    this.selection = { address: this.world.actors.addressOfCommand(commandId) ?? this.selection.address, commandId };
    this.changed();
  }

  /** Whether somebody of these addresses, or that command, is selected. */
  isSelected(addresses: readonly string[], commandId: string | null): boolean {
    const { address, commandId: wanted } = this.selection;
    if (wanted !== null) return commandId === wanted;
    return address === null || addresses.some((each) => isWithin(each, address));
  }

  /** Somebody looks at the page. */
  look(): void {
    this.#turns.look();
  }

  /** Shows what happens now, if it is this page's turn. */
  listen(): void {
    this.#turns.want();
  }

  /** Until `listen`, which then goes on from here. */
  rest(): void {
    this.#turns.rest();
    this.connection.pause();
  }

  open(recording: Recording): void {
    this.#turns.rest();
    this.connection.close();
    this.player?.pause();
    this.#feed.clear();
    this.world.clear();
    this.selection = NOBODY;
    const stage = {
      clear: () => {
        this.#feed.clear();
        this.world.clear();
      },
      show: (entries: Recording['entries']) => this.#feed.add(entries),
    };
    this.player = new Player(recording, stage, () => this.changed());
    this.player.moveTo(recording.entries.length);
  }

  /** Back to what happens now. */
  close(): void {
    this.player?.pause();
    this.player = null;
    this.#feed.clear();
    this.world.clear();
    this.selection = NOBODY;
    this.look();
    this.listen();
  }

  #turn(isOurs: boolean): void {
    if (isOurs) {
      this.connection.open();
      return;
    }
    this.connection.pause();
    this.link = { state: 'elsewhere' };
    this.changed();
  }

  /** What was lost may have moved any actor. */
  #catchUp(): void {
    if (this.#feed.lost === this.#lost) return;
    this.#lost = this.#feed.lost;
    if (this.player === null) this.connection.renew();
  }

  #begin({ version, simulated }: SnapshotHead): void {
    const { dropped } = this.world;
    this.#feed.clear();
    this.world.clear();
    this.world.dropped = dropped;
    this.version = version;
    this.isSimulated = simulated;
    this.changed();
  }

  #hear(entries: readonly unknown[]): void {
    for (const json of entries) {
      // Once a second, and never late by more than the way: good for a clock.
      if (typeof json !== 'string' || !json.includes('"bluelinkd.health"')) continue;
      const entry = readEntry(json);
      if (entry?.type === 'bluelinkd.health') this.#skewMs = entry.at - Date.now();
    }
    this.#feed.add(entries);
  }
}
