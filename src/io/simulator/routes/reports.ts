import { z } from 'zod';
import type { Car } from '../car/car.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { invalidParameter, spaOk } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { localDigits } from '../local-time.ts';
import { withCar } from './with-car.ts';

/** What the car has driven, in minimal but well-formed answers: the same short drive, day after day. */
export const reports: readonly Route[] = ['v1', 'v2'].flatMap((version): Route[] => {
  const car = `/api/${version}/spa/vehicles/:car`;
  return [
    { method: 'POST', path: `${car}/monthlyreport`, kind: 'report.month', admission: 'either', handle: withCar(month) },
    { method: 'POST', path: `${car}/tripinfo`, kind: 'report.trips', admission: 'either', handle: withCar(trips) },
    { method: 'POST', path: `${car}/drvhistory`, kind: 'report.drives', admission: 'either', handle: withCar(drives) },
  ];
});

const DAYS_SHOWN = 7;
const DAY_MS = 86_400_000;
const TRIP = { tripDrvTime: 24, tripIdleTime: 3, tripDist: 18, tripAvgSpeed: 41, tripMaxSpeed: 97 };
/** Watt hours and kilometres of one day. */
const DRIVE = {
  totalPwrCsp: 3_120,
  motorPwrCsp: 2_640,
  climatePwrCsp: 300,
  eDPwrCsp: 120,
  batteryMgPwrCsp: 60,
  regenPwr: 540,
  calculativeOdo: 18,
};

const monthBody = z.looseObject({ setRptMonth: z.string().regex(/^\d{6}$/) });
const tripBody = z.looseObject({
  tripPeriodType: z.union([z.literal(0), z.literal(1)]),
  setTripMonth: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  setTripDay: z
    .string()
    .regex(/^\d{8}$/)
    .optional(),
});
const driveBody = z.looseObject({ periodTarget: z.int().min(0).max(2) });

function month(car: Car, { request }: Exchange): Answer {
  const body = monthBody.safeParse(request.json());
  if (!body.success) return invalidParameter();
  const warns = Object.values(car.report.state.tyreWarning).some(Boolean);
  return spaOk({
    monthlyReport: {
      ifo: { mvrMonthStart: `${body.data.setRptMonth}01`, mvrMonthEnd: `${body.data.setRptMonth}28` },
      driving: { runDistance: 540, engineStartCount: 30, engineOnTime: 720, engineIdleTime: 90 },
      breakdown: [{ ecuIdx: '1', ecuStatus: '0' }],
      vehicleStatus: { tpmsSupport: '1', tirePressure: { tirePressureLampAll: warns ? '1' : '0' } },
    },
  });
}

function trips(_car: Car, { request }: Exchange): Answer {
  const body = tripBody.safeParse(request.json());
  if (!body.success) return invalidParameter();
  const { tripPeriodType, setTripMonth, setTripDay } = body.data;
  if (tripPeriodType === 0) {
    if (setTripMonth === undefined) return invalidParameter();
    const tripDayList = Array.from({ length: DAYS_SHOWN }, (_, at) => ({
      tripDayInMonth: `${setTripMonth}${String(at + 1).padStart(2, '0')}`,
      tripCntDay: 1,
    }));
    return spaOk({ tripDayList, ...TRIP, tripDrvTime: 24 * DAYS_SHOWN, tripDist: 18 * DAYS_SHOWN });
  }
  if (setTripDay === undefined) return invalidParameter();
  return spaOk({
    dayTripList: [{ tripDay: setTripDay, dayTripCnt: 1, ...TRIP, tripList: [{ tripTime: '081500', ...TRIP }] }],
  });
}

function drives(car: Car, { cloud, request }: Exchange): Answer {
  const body = driveBody.safeParse(request.json());
  if (!body.success) return invalidParameter();
  const days = Array.from({ length: DAYS_SHOWN }, (_, at) => ({
    drivingDate: localDigits(car.locale.zone, cloud.clock.now() - at * DAY_MS).slice(0, 8),
    drivingPeriod: 0,
    ...DRIVE,
  }));
  const sum = Object.fromEntries(Object.entries(DRIVE).map(([name, value]) => [name, value * DAYS_SHOWN]));
  return spaOk({
    drivingInfo: [
      { drivingPeriod: 0, ...sum },
      { drivingPeriod: 1, ...DRIVE },
    ],
    drivingInfoDetail: days,
  });
}
