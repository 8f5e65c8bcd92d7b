import type { Route } from '../http/router.ts';
import { cci } from './cci.ts';
import { ccs2Reads } from './ccs2-reads.ts';
import { classicReads } from './classic-reads.ts';
import { controls } from './controls.ts';
import { devices } from './devices.ts';
import { oldLogin } from './old-login.ts';
import { oneAppLogin } from './one-app-login.ts';
import { pages } from './pages.ts';
import { reports } from './reports.ts';
import { tokens } from './tokens.ts';
import { hataControls } from './us/controls.ts';
import { hataLogin } from './us/login.ts';
import { hataReads } from './us/reads.ts';
import { vehicles } from './vehicles.ts';

/** Every path of every host of the real cloud that is simulated, on one base URL. */
export const ROUTES: readonly Route[] = [
  ...vehicles,
  ...classicReads,
  ...ccs2Reads,
  ...controls,
  ...devices,
  ...tokens,
  ...reports,
  ...oldLogin,
  ...oneAppLogin,
  ...cci,
  ...pages,
  ...hataLogin,
  ...hataReads,
  ...hataControls,
];
