import type { Car } from '../../car/car.ts';
import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../../http/answer.ts';
import { generalError } from './answers.ts';

/** There are no devices in the US: all actions are kept under this one. */
export const HATA_DEVICE = 'hata';

/** A handler for calls whose headers name a car. The admission has made sure that it is the caller's. */
export function withHataCar(
  handle: (car: Car, exchange: Exchange) => Answer | Promise<Answer>,
): (exchange: Exchange) => Answer | Promise<Answer> {
  return (exchange) => (exchange.car === null ? generalError() : handle(exchange.car, exchange));
}
