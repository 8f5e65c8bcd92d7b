import type { Control, Options } from './command.ts';
import type { Corners } from './vehicle-state.ts';

/**
 * The options of a control, by the names under which its sender writes them on MQTT: what a result repeats. A
 * destination is nobody's business but the car's, and results are retained: of it only the fact is told.
 */
export function optionsOf(command: Control): Options {
  switch (command.name) {
    case 'climate':
      if (command.action === 'stop') return { action: 'stop' };
      return known({
        action: 'start',
        set_temp: command.setTempC,
        duration: command.durationMin,
        defrost: command.defrost,
        steering_wheel: command.steeringWheel,
        rear_window: command.rearWindow,
        side_mirrors: command.sideMirrors,
        front_left_seat: command.seats.front_left,
        front_right_seat: command.seats.front_right,
        rear_left_seat: command.seats.rear_left,
        rear_right_seat: command.seats.rear_right,
      });
    case 'windows':
      return windowOptions(command.positions);
    case 'charge_limits':
      return known({ ac: command.acPct, dc: command.dcPct });
    case 'charging_current':
      return { level: command.level };
    case 'hazard_lights':
    case 'horn':
      return { action: 'on' };
    case 'navigation':
      return { destinations: 1 };
    case 'lock':
    case 'charge':
    case 'charge_port':
    case 'valet':
      return { action: command.action };
  }
}

/** The older bridge calls the rear windows back. */
function windowOptions(positions: Corners<number | null>): Options {
  return known({
    front_left: positions.front_left,
    front_right: positions.front_right,
    back_left: positions.rear_left,
    back_right: positions.rear_right,
  });
}

function known(options: { readonly [name: string]: Options[string] | null }): Options {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, Options[string]] => entry[1] !== null),
  );
}
