import { begin } from './begin.ts';
import { Coverage } from './coverage.ts';
import { type Invariant, Violation } from './invariants/kit.ts';
import { INVARIANTS } from './invariants.ts';
import { Keys } from './keys.ts';
import { Locals } from './local.ts';
import { type Mutation, PRODUCTION, type Slice } from './slice.ts';
import { Integers, StateSet } from './state-set.ts';
import { type Act, type Step, Steps } from './steps.ts';
import type { Happening, Observer, World } from './world.ts';

/** Breadth first over all global states of a slice, so that what is found comes with its shortest trace. */
export interface Exploration {
  readonly slice: Slice;
  readonly states: number;
  readonly edges: number;
  readonly rests: number;
  readonly ms: number;
  /** False when `stateLimit` ended it. */
  readonly complete: boolean;
  readonly found: Found | null;
}

export interface Found {
  readonly invariant: string;
  readonly message: string;
  /** Seen when nothing could happen any more. */
  readonly atRest: boolean;
  /** The steps that lead there, and what each did inside. */
  readonly trace: readonly TracedStep[];
}
export interface TracedStep {
  readonly label: string;
  readonly act: Act;
  readonly cost: Step['cost'];
  readonly happenings: readonly Happening[];
}

export interface Options {
  readonly mutation?: Mutation;
  /** What is remembered of slices with the same settings and machines. */
  readonly locals?: Locals;
  readonly coverage?: Coverage;
  /** All, if not said. */
  readonly invariants?: readonly Invariant[];
  readonly stateLimit?: number;
}

export function explore(slice: Slice, options: Options = {}): Exploration {
  const begun = performance.now();
  const search = new Search(slice, options);
  const found = search.run(options.stateLimit ?? 2_000_000);
  return { slice, ...search.numbers(), ms: Math.round(performance.now() - begun), found };
}

class Search {
  private readonly slice: Slice;
  private readonly steps: Steps;
  private readonly invariants: readonly Invariant[];
  private readonly keys: Keys;
  private readonly known = new StateSet();
  private readonly parents = new Integers();
  private readonly byStep = new Integers();
  /** The edges without a price, as pairs. */
  private readonly progress = new Integers();
  private readonly rests: number[] = [];
  private edges = 0;
  private complete = true;
  private readonly first: World;
  private readonly observe: Observer;
  private readonly watchers: readonly {
    readonly name: string;
    readonly onState: NonNullable<Invariant['onState']>;
    readonly at: number;
  }[];

  constructor(slice: Slice, { mutation = {}, coverage, ...known }: Options) {
    this.slice = slice;
    this.keys = new Keys(slice);
    this.invariants = known.invariants ?? INVARIANTS;
    const locals = known.locals ?? new Locals({ ...PRODUCTION, ...mutation.machines }, coverage ?? new Coverage());
    this.steps = new Steps(slice, locals, mutation);
    const listeners = this.invariants.flatMap(({ onEvent }, at) => (onEvent === undefined ? [] : [{ onEvent, at }]));
    this.observe = (happening, ghosts) => {
      for (const { onEvent, at } of listeners) ghosts[at] = onEvent(happening, ghosts[at] ?? '', slice);
    };
    this.watchers = this.invariants.flatMap(({ name, onState }, at) =>
      onState === undefined ? [] : [{ name, onState, at }],
    );
    this.first = begin(slice, locals, this.steps, this.observe, this.invariants.length);
  }

  numbers() {
    return { states: this.parents.length, edges: this.edges, rests: this.rests.length, complete: this.complete };
  }

  run(stateLimit: number): Found | null {
    let frontier = [this.first];
    let at = 0;
    this.add(this.first, -1, -1);
    while (frontier.length > 0) {
      const next: World[] = [];
      for (const world of frontier) {
        const found = this.visit(world, at, next);
        if (found !== null) return found;
        at += 1;
        if (this.parents.length > stateLimit) {
          this.complete = false;
          return null;
        }
      }
      frontier = next;
    }
    return this.deadEnd();
  }

  private visit(world: World, at: number, next: World[]): Found | null {
    for (const { name, onState, at: index } of this.watchers) {
      const wrong = onState(world, this.slice, world.ghosts[index] ?? '');
      if (wrong !== null) return this.found(name, wrong, at, null);
    }
    const steps = this.steps.of(world);
    if (!steps.some(({ cost }) => cost === null)) {
      for (const [index, { name, onRest }] of this.invariants.entries()) {
        const wrong = onRest?.(world, this.slice, world.ghosts[index] ?? '') ?? null;
        if (wrong !== null) return this.found(name, wrong, at, null, true);
      }
      this.rests.push(at);
    }
    for (const [index, step] of steps.entries()) {
      this.edges += 1;
      try {
        const after = step.take(this.observe);
        const id = this.add(after, at, index);
        if (step.cost === null) {
          this.progress.push(at);
          this.progress.push(id.number);
        }
        if (id.isNew) next.push(after);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        return this.found(error.invariant, error.message, at, index);
      }
    }
    return null;
  }

  private add(world: World, parent: number, step: number): { readonly number: number; readonly isNew: boolean } {
    const added = this.known.add(this.keys.of(world));
    if (added.isNew) {
      this.parents.push(parent);
      this.byStep.push(step);
    }
    return added;
  }

  /** The first state from which no rest is reachable unless something comes from outside: a livelock. */
  private deadEnd(): Found | null {
    const states = this.parents.length;
    const heads = new Int32Array(states).fill(-1);
    const links = new Int32Array(this.progress.length / 2);
    for (let edge = 0; edge < links.length; edge += 1) {
      const to = this.progress.at(edge * 2 + 1);
      links[edge] = heads[to] ?? -1;
      heads[to] = edge;
    }
    const reaches = new Uint8Array(states);
    const todo = [...this.rests];
    for (const rest of todo) reaches[rest] = 1;
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      for (let edge = heads[state] ?? -1; edge !== -1; edge = links[edge] ?? -1) {
        const from = this.progress.at(edge * 2);
        if (reaches[from] === 1) continue;
        reaches[from] = 1;
        todo.push(from);
      }
    }
    const stuck = reaches.indexOf(0);
    return stuck === -1 ? null : this.found('noDeadlock', 'From here no good end is reachable.', stuck, null);
  }

  /** Walks the way once more, and writes down what happens. `last` is a step that did not come to its end. */
  private found(invariant: string, message: string, at: number, last: number | null, atRest = false): Found {
    const indices = last === null ? [] : [last];
    for (let state = at; state > 0; state = this.parents.at(state)) indices.push(this.byStep.at(state));
    indices.reverse();
    const trace: TracedStep[] = [];
    let world = this.first;
    for (const index of indices) {
      const step: Step | undefined = this.steps.of(world)[index];
      if (step === undefined) throw new Error('The exploration is not repeatable.');
      const happenings: Happening[] = [];
      trace.push({ label: step.label(), act: step.act, cost: step.cost, happenings });
      try {
        world = step.take((happening, ghosts) => {
          happenings.push(happening);
          this.observe(happening, ghosts);
        });
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
      }
    }
    return { invariant, message, atRest, trace };
  }
}
