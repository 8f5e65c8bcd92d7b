import type { Car } from '../car/car.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { invalidVehicle } from '../http/answer.ts';

/** A handler for paths that name a car. The guard has made sure that it is the caller's. */
export function withCar(
  handle: (car: Car, exchange: Exchange) => Answer | Promise<Answer>,
): (exchange: Exchange) => Answer | Promise<Answer> {
  return (exchange) => (exchange.car === null ? invalidVehicle() : handle(exchange.car, exchange));
}
