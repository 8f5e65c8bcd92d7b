import type { CarInfo } from '../../machines/domain/command.ts';
import { fitToCar } from '../../machines/domain/fit.ts';
import type { ParsedCommand } from './parse-command.ts';

/** The same message, knowing which car it is for: what that cannot do is refused, or left out and named. */
export function fitCommand(parsed: ParsedCommand, car: CarInfo): ParsedCommand {
  if (!parsed.ok || parsed.command.name === 'refresh') return parsed;
  const fitted = fitToCar(parsed.command, car);
  if (!fitted.ok) return { ...fitted, id: parsed.id };
  return { ...parsed, command: fitted.command, ignored: [...fitted.ignored, ...parsed.ignored] };
}
