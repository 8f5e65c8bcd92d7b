import { createHash } from 'node:crypto';
import { USUAL_PLAN } from './car/action.ts';
import type { Cloud } from './cloud.ts';
import type { Exchange } from './exchange.ts';
import { meetAtGateway, meetInService } from './faults/effects.ts';
import { meetOnTheWayBack } from './faults/rework.ts';
import { admit, isHata, tokenOf } from './guard.ts';
import type { Answer, Reply } from './http/answer.ts';
import { gatewayError, json } from './http/answer.ts';
import type { SimRequest } from './http/request.ts';
import type { Match } from './http/router.ts';
import { Router } from './http/router.ts';
import type { Sent } from './http/server.ts';
import { redactTarget } from './redaction.ts';
import { ROUTES } from './routes/all.ts';

/** A handler that threw: a defect of the simulator, and a call that still ends. */
const BROKEN: Answer = json(500, { error: 'Internal Server Error' });

/** One call's way: log, faults in front, admission, faults inside, the route, faults on the way back, log. */
export class CloudService {
  readonly #cloud: Cloud;
  readonly #router = new Router(ROUTES);

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Serves one call. `send` delivers the answer; for a silence (`hang`) it resolves when the client or the simulator ends it. */
  async serve(request: SimRequest, send: (answer: Answer) => Promise<Sent>): Promise<void> {
    const cloud = this.#cloud;
    const match = this.#router.find(request.method, request.path);
    const kind = match === null ? 'unknown' : kindOf(match, request);
    const isVehicleCall = request.path.includes('/spa/') || (match !== null && isHata(match.route.admission));
    const entry = cloud.log.arrived({
      method: request.method,
      path: redactTarget(match?.params.username === undefined ? request.path : match.route.path, request.query),
      car: match === null ? null : carNamedBy(match, request),
      kind,
      bodySha256:
        isVehicleCall && request.body.length > 0 ? createHash('sha256').update(request.body).digest('hex') : null,
    });
    const exchange = match === null ? null : this.#open(request, match, kind);
    const answer = exchange === null ? this.#notFound(request) : await this.#answer(exchange).catch(() => BROKEN);
    const outcome = await send(dated(answer, cloud.clock.now()));
    cloud.log.ended(entry, {
      outcome,
      status: outcome === 'answered' && answer.type === 'reply' ? answer.status : null,
      code: outcome === 'answered' && answer.type === 'reply' ? codeOf(answer) : null,
      account: exchange?.account?.index ?? null,
      token: exchange?.token?.number ?? null,
      tokenKind: exchange?.token?.kind ?? null,
      wake: exchange?.wake ?? false,
      effect: exchange?.effect ?? null,
      actionId: exchange?.actionId ?? null,
      faults: exchange?.faults ?? [],
    });
  }

  #open(request: SimRequest, match: Match, kind: string): Exchange {
    const cloud = this.#cloud;
    const bearer = match.route.admission === 'anybody' ? null : tokenOf(request, match.route.admission);
    const token = bearer === null ? null : cloud.tokens.find(bearer);
    const named = carNamedBy(match, request);
    const car = named === null ? null : cloud.car(named);
    return {
      cloud,
      request,
      match,
      kind,
      car,
      token,
      account: token?.account ?? null,
      budget: null,
      plan: USUAL_PLAN,
      wake: false,
      effect: null,
      actionId: null,
      faults: [],
    };
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    const early = (await meetAtGateway(exchange)) ?? admit(exchange) ?? meetInService(exchange);
    const answer = early ?? (await meetOnTheWayBack(exchange, await exchange.match.route.handle(exchange)));
    return withBudget(exchange, answer);
  }

  #notFound(request: SimRequest): Answer {
    const methods = this.#router.methodsFor(request.path);
    if (methods.length === 0) return gatewayError(404, 'Requested endpoint is forbidden');
    return json(405, { error: 'Method not allowed' }, { allow: methods.join(', ') });
  }
}

function carNamedBy({ params, route }: Match, request: SimRequest): string | null {
  return params.car ?? route.carOf?.(request) ?? null;
}

function kindOf({ route }: Match, request: SimRequest): string {
  return typeof route.kind === 'string' ? route.kind : route.kind(request);
}

function withBudget({ budget }: Exchange, answer: Answer): Answer {
  if (budget === null || answer.type !== 'reply') return answer;
  const rates = {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(budget.remaining),
    'x-ratelimit-reset': String(budget.reset),
  };
  return { ...answer, headers: { ...rates, ...answer.headers } };
}

/** With the time of the simulated world, as every web server tells its own. */
function dated(answer: Answer, now: number): Answer {
  if (answer.type !== 'reply') return answer;
  return { ...answer, headers: { date: new Date(now).toUTCString(), ...answer.headers } };
}

const CODE_FIELDS = ['resCode', 'errCode', 'code', 'errorSubCode'] as const;

/** The answer's own code, for the log: short and made by us, so never a secret. */
function codeOf({ content }: Reply): string | null {
  if (content.type !== 'json' || typeof content.value !== 'object' || content.value === null) return null;
  const value = content.value as Readonly<Record<string, unknown>>;
  const found = CODE_FIELDS.map((field) => value[field]).find(
    (code) => typeof code === 'string' || typeof code === 'number',
  );
  return found === undefined ? null : String(found).slice(0, 16);
}
