/** What `bluelinkd --help` prints. */
export const HELP = `bluelinkd connects Hyundai and Kia cars to an MQTT broker.

Usage: bluelinkd <command> [options]

Commands
  run      connects the configured accounts to the configured broker
  demo     shows everything with simulated cars and a broker of its own; no account is needed or touched
  check    checks the configuration and the state folder, prints a summary without secrets, and connects to nothing
  login    logs in to the vendor's cloud, asks for what the configuration does not say, tries the session and stores it;
           a bluelinkd that runs goes on with it by itself
  record   writes what the inspector of a running bluelinkd tells into a file, until told to stop
  trace    prints the journey of one command, hop by hop: bluelinkd trace <command id>

Options
  -c, --config <file>   the configuration file; else BLUELINKD_CONFIG, else ./bluelinkd.yaml if it exists
      --log-level <l>   trace, debug, info, warn or error; else LOG_LEVEL, else log.level
  -a, --account <name>  the account to log in, if there are several
      --cloud-port <n>  the port of the demo's simulated cloud, for other clients to try; else any free one
      --inspect         run: serves the inspector (docs/inspector.md) on this machine, port 9465 if none is configured
      --to <file>       record: the file to write; it must not exist
      --seconds <n>     record: how long; else until Ctrl-C
      --from <file>     trace: a recording, or a log in JSON (level debug); else a running bluelinkd is asked
      --url <url>       record, trace: the address of the inspector; else that of the state folder's bluelinkd
  -h, --help            this text
  -v, --version         the version

The environment wins over the file: HYUNDAI_USERNAME, HYUNDAI_PASSWORD, HYUNDAI_PIN, MQTT_BROKER_HOST and many more.
Every key is explained in docs/configuration.md.

Exit codes: 0 fine or stopped as asked; 1 an error of the daemon, a login that did not work, an id of which nothing is known,
no inspector that could be asked; 2 a mistake in the command line or the configuration, or a state folder that cannot
be used. More about one command: bluelinkd <command> --help.
`;

const COMMON = `  -c, --config <file>   the configuration file; else BLUELINKD_CONFIG, else ./bluelinkd.yaml if it exists
      --log-level <l>   trace, debug, info, warn or error; else LOG_LEVEL, else log.level
`;
const URL_OPTION = `      --url <url>       the address of the inspector; else that of the bluelinkd that runs on the state folder
`;
const MISTAKE = '2 a mistake in the command line or the configuration';

const RUN = `bluelinkd run connects the configured accounts to the configured broker, until it gets SIGINT or SIGTERM.

Usage: bluelinkd run [options]

Options
${COMMON}      --inspect         serves the inspector (docs/inspector.md) on this machine, port 9465 if none is configured

Exit codes: 0 stopped as asked; 1 an error of the daemon; ${MISTAKE},
or a state folder that cannot be used: another bluelinkd owns it, for instance.
`;

const DEMO = `bluelinkd demo runs everything in one process: a broker, a simulated cloud and three imagined cars. It prints what to try,
and touches no account. Its broker has port 1883, or another if that is taken and none was asked for (MQTT_BROKER_PORT).

Usage: bluelinkd demo [options]

Options
${COMMON}      --cloud-port <n>  the port of the simulated cloud, for other clients to try; else any free one

Exit codes: 0 stopped as asked; 1 an error of the daemon; ${MISTAKE},
or a port that was asked for and is taken.
`;

const CHECK = `bluelinkd check reads the configuration and prints every mistake in it, or what bluelinkd would do, without secrets. It
looks whether this user can have the state folder, opens no port and connects to nothing.

Usage: bluelinkd check [options]

Options
${COMMON}
Exit codes: 0 nothing is wrong with them; ${MISTAKE},
or a state folder that cannot be used.
`;

const LOGIN = `bluelinkd login logs in to the vendor's cloud, reads the vehicle list with the new session, and stores the session. A
bluelinkd that runs on the same state folder goes on with it by itself. What the configuration does not say is asked on the
terminal; without one nothing is asked. Every login counts against limits.login_budget_per_day.

Usage: bluelinkd login [options]

Options
  -a, --account <name>  the account, if there are several
${COMMON}
Exit codes: 0 it works; 1 it does not work; 2 something is missing or wrong in the command line or the configuration.
`;

const RECORD = `bluelinkd record writes what the inspector of a running bluelinkd tells from now on into a file, one JSON object a line. The
inspector's page loads it, and bluelinkd trace --from reads it. It holds no VIN, e-mail, position or secret.

Usage: bluelinkd record --to <file> [options]

Options
      --to <file>       the file to write; it must not exist
      --seconds <n>     how long, 1 to 86400; else until Ctrl-C, or 256 MB
${URL_OPTION}${COMMON}
Exit codes: 0 recorded; 1 no inspector could be asked, or it went away; ${MISTAKE},
or a file that cannot be written.
`;

const TRACE = `bluelinkd trace prints the journey of one command, hop by hop: who told whom what, when, and how long that took. The id is
the one that the sender gave it, or else the one in its result.

Usage: bluelinkd trace <command id> [options]

Options
      --from <file>     a recording, or a log in JSON (level debug); else a running bluelinkd is asked
${URL_OPTION}${COMMON}
Exit codes: 0 printed; 1 nothing is known of that id, or no inspector could be asked; 2 a mistake in the command line or the
configuration, or a file that cannot be read.
`;

/** What `bluelinkd <command> --help` prints. */
export const HELP_OF = { run: RUN, demo: DEMO, check: CHECK, login: LOGIN, record: RECORD, trace: TRACE } as const;
