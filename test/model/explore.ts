import { type Act, Acts, type Step } from './acts.ts';
import { begin, nothing } from './begin.ts';
import { Coverage } from './coverage.ts';
import { Draft } from './draft.ts';
import { type Invariant, Violation } from './invariants/kit.ts';
import { INVARIANTS } from './invariants.ts';
import { labelOf } from './labels.ts';
import { Progress } from './livelocks.ts';
import { Locals } from './local.ts';
import { Mail } from './mail.ts';
import { Parts } from './parts.ts';
import { leastOf } from './renamings.ts';
import { type Mutation, PRODUCTION, type Slice } from './slice.ts';
import { Integers, StateSet } from './state-set.ts';
import { Steps } from './steps.ts';
import type { Happening, Memory, Observer, World } from './world.ts';

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
  private readonly acts: Acts;
  private readonly parts: Parts;
  private readonly draft: Draft;
  private readonly invariants: readonly Invariant[];
  private readonly known = new StateSet();
  private readonly parents = new Integers();
  private readonly byStep = new Integers();
  private readonly progress = new Progress();
  private edges = 0;
  private complete = true;
  private readonly first: World;
  /** Those that look at events, and at states, with their places. */
  private readonly listeners: readonly { readonly onEvent: NonNullable<Invariant['onEvent']>; readonly at: number }[];
  private readonly watchers: readonly {
    readonly name: string;
    readonly onState: NonNullable<Invariant['onState']>;
    readonly at: number;
  }[];

  constructor(slice: Slice, { mutation = {}, coverage, ...known }: Options) {
    this.slice = slice;
    this.parts = new Parts(slice);
    this.invariants = known.invariants ?? INVARIANTS;
    this.listeners = this.invariants.flatMap(({ onEvent }, at) => (onEvent === undefined ? [] : [{ onEvent, at }]));
    this.watchers = this.invariants.flatMap(({ name, onState }, at) =>
      onState === undefined ? [] : [{ name, onState, at }],
    );
    const locals = known.locals ?? new Locals({ ...PRODUCTION, ...mutation.machines }, coverage ?? new Coverage());
    const mail = new Mail(locals, mutation.tamper);
    this.steps = new Steps(slice);
    this.acts = new Acts(slice, locals, mail, this.parts);
    const empty = nothing(slice, locals, this.parts, this.invariants.length);
    this.draft = new Draft(empty, locals, mail, this.parts, slice.mode === 'cascade');
    this.first = begin(slice, empty, this.steps, this.acts, this.draft, this.observe);
  }

  numbers() {
    const { edges, complete, progress } = this;
    return { states: this.parents.length, edges, rests: progress.restCount, complete };
  }

  run(stateLimit: number): Found | null {
    const { width } = this.parts.renamings;
    let frontier: (World | null)[] = [this.first];
    let sums = new Integers();
    let at = 0;
    this.draft.begin(this.first, this.observe);
    this.add(-1, -1);
    sums.append(this.draft.sums);
    while (frontier.length > 0) {
      const next: World[] = [];
      const nextSums = new Integers();
      for (let place = 0; place < frontier.length; place += 1) {
        const found = this.visit(frontier[place] as World, at, sums.items, place * width, next, nextSums);
        if (found !== null) return found;
        frontier[place] = null;
        at += 1;
        if (this.parents.length > stateLimit) {
          this.complete = false;
          return null;
        }
      }
      frontier = next;
      sums = nextSums;
    }
    const stuck = this.progress.firstStuck(this.parents.length);
    return stuck === -1 ? null : this.found('noDeadlock', 'From here no good end is reachable.', stuck, null);
  }

  private visit(
    world: World,
    at: number,
    sums: Int32Array,
    place: number,
    next: World[],
    nextSums: Integers,
  ): Found | null {
    for (const { name, onState, at: index } of this.watchers) {
      const wrong = onState(world, this.slice, world.memory.ghosts[index] ?? '');
      if (wrong !== null) return this.found(name, wrong, at, null);
    }
    const steps = this.steps.of(world);
    if (!steps.some(({ cost }) => cost === null)) {
      const found = this.judgeRest(world, at);
      if (found !== null) return found;
      this.progress.rest(at);
    }
    for (let index = 0; index < steps.length; index += 1) {
      const step = steps[index] as Step;
      this.edges += 1;
      try {
        this.draft.begin(world, this.observe, sums, place);
        this.acts.do(step, world, this.draft);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        return this.found(error.invariant, error.message, at, index);
      }
      const number = this.add(at, index);
      if (step.cost === null) this.progress.leads(at, number);
      if (!this.known.wasNew) continue;
      next.push(this.draft.done());
      nextSums.append(this.draft.sums);
    }
    return null;
  }

  private judgeRest(world: World, at: number): Found | null {
    for (const [index, { name, onRest }] of this.invariants.entries()) {
      const wrong = onRest?.(world, this.slice, world.memory.ghosts[index] ?? '') ?? null;
      if (wrong !== null) return this.found(name, wrong, at, null, true);
    }
    return null;
  }

  /** The number of the state that the draft has made. */
  private add(parent: number, step: number): number {
    const { sums } = this.draft;
    const number = this.known.add(sums, leastOf(sums, sums.length));
    if (this.known.wasNew) {
      this.parents.push(parent);
      this.byStep.push(step);
    }
    return number;
  }

  /** What the invariants make of a happening depends on that and on what they remember, so it is worked out once. */
  private readonly observe: Observer = (happening, memory) => {
    const known = memory.next.get(happening);
    if (known !== undefined) return known;
    let ghosts: string[] | null = null;
    for (const { onEvent, at } of this.listeners) {
      const before = memory.ghosts[at] ?? '';
      const after = onEvent(happening, before, this.slice);
      if (after === before) continue;
      ghosts ??= [...memory.ghosts];
      ghosts[at] = after;
    }
    const next = ghosts === null ? memory : this.parts.memory(ghosts);
    memory.next.set(happening, next);
    return next;
  };

  /** Walks the way once more, and writes down what happens. `last` is a step that did not come to its end. */
  private found(invariant: string, message: string, at: number, last: number | null, atRest = false): Found {
    const indices = last === null ? [] : [last];
    for (let state = at; state > 0; state = this.parents.at(state)) indices.push(this.byStep.at(state));
    const trace: TracedStep[] = [];
    let world = this.first;
    for (const index of indices.reverse()) {
      const step = this.steps.of(world)[index];
      if (step === undefined) throw new Error('The exploration is not repeatable.');
      const happenings: Happening[] = [];
      trace.push({ label: labelOf(step, this.slice), act: step.act, cost: step.cost, happenings });
      const observe = (happening: Happening, memory: Memory): Memory => {
        happenings.push(happening);
        return this.observe(happening, memory);
      };
      try {
        this.draft.begin(world, observe);
        this.acts.do(step, world, this.draft);
        world = this.draft.done();
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
      }
    }
    return { invariant, message, atRest, trace };
  }
}
