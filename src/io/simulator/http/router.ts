import type { Exchange } from '../exchange.ts';
import type { Answer } from './answer.ts';
import type { SimRequest } from './request.ts';

/**
 * Who may call. `anybody`; `registration`: whoever has a stamp; `bearer`: an access token and nothing else; the others
 * are calls of the vehicle API, which also need a registered device and a stamp: with a control token, or with either.
 * `hata` and `hataPin` are calls to the US cloud, without and with the PIN.
 */
export type Admission = 'anybody' | 'registration' | 'bearer' | 'control' | 'either' | 'hata' | 'hataPin';

export interface Route {
  readonly method: string;
  /** Segments; `:name` matches one and is remembered. */
  readonly path: string;
  /** What the log and the faults call it: words separated by dots, from the general to the special. */
  readonly kind: string | ((request: SimRequest) => string);
  readonly admission: Admission;
  /** The car that is called, where the path does not name it. */
  carOf?(request: SimRequest): string | null;
  /** True for calls that reach for the car and wake it. */
  readonly wakes?: boolean;
  handle(exchange: Exchange): Answer | Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes by method and path; `methodsFor` tells a wrong method from a wrong path. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly segments: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: route.path.split('/') }));
  }

  find(method: string, path: string): Match | null {
    const segments = path.split('/');
    for (const { route, segments: pattern } of this.#routes) {
      if (route.method !== method) continue;
      const params = matchSegments(pattern, segments);
      if (params !== null) return { route, params };
    }
    return null;
  }

  methodsFor(path: string): readonly string[] {
    const segments = path.split('/');
    const fitting = this.#routes.filter(({ segments: pattern }) => matchSegments(pattern, segments) !== null);
    return [...new Set(fitting.map(({ route }) => route.method))];
  }
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    const given = segments[at] ?? '';
    if (!expected.startsWith(':')) {
      if (expected !== given) return null;
    } else if (given === '') return null;
    else params[expected.slice(1)] = given;
  }
  return params;
}
