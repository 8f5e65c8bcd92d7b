/** What `bluelinkd --help` prints. */
export const HELP = `bluelinkd connects Hyundai and Kia cars to an MQTT broker.

Usage: bluelinkd <command> [options]

Commands
  run      connects the configured accounts to the configured broker
  demo     shows everything with simulated cars and a broker of its own; no account is needed or touched
  check    checks the configuration, prints a summary without secrets, and connects to nothing
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

Exit codes: 0 fine or stopped as asked; 1 an error of the daemon, a login that did not work, a command that is not known, no
inspector that could be asked; 2 a mistake in the command line or the configuration, or a state folder that another bluelinkd
owns.
`;
