import type { Car } from '../car/car.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { spaOk } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { localDigits } from '../local-time.ts';
import { withCar } from './with-car.ts';

/** The list of cars, their profiles, and the records of what they were asked. */
export const vehicles: readonly Route[] = ['v1', 'v2'].flatMap((version): Route[] => {
  const spa = `/api/${version}/spa`;
  return [
    { method: 'GET', path: `${spa}/vehicles`, kind: 'list', admission: 'either', handle: list },
    {
      method: 'GET',
      path: `${spa}/vehicles/:car/profile`,
      kind: 'profile',
      admission: 'either',
      handle: withCar(profile),
    },
    {
      method: 'GET',
      path: `${spa}/notifications/:car/records`,
      kind: 'records',
      admission: 'either',
      handle: withCar(records),
    },
  ];
});

function list({ account }: Exchange): Answer {
  const cars = (account?.cars ?? []).map(({ config }) => ({
    vin: config.vin,
    type: config.type,
    vehicleId: config.id,
    vehicleName: config.model,
    nickname: config.name,
    tmuNum: '-',
    year: config.year,
    regDate: `${config.year}-01-01 00:00:00.000`,
    master: true,
    carShare: 0,
    personalFlag: '1',
    detailInfo: { outColor: 'WAW', saleCarmdlCd: 'SIM', bodyType: '2', inColor: 'NNB', saleCarmdlEnNm: config.model },
    protocolType: 1,
    ccuCCS2ProtocolSupport: config.ccs2,
  }));
  return spaOk({ vehicles: cars });
}

function profile({ config }: Car): Answer {
  const basic = { vin: config.vin, modelYear: config.year, modelName: config.model, vehicleType: config.type };
  return spaOk({ vinInfo: [{ basic }] });
}

function records(car: Car, { request }: Exchange): Answer {
  const shown = car.recordsFor(request.header('ccsp-device-id') ?? '').map(({ action, result }) => ({
    recordId: action.id,
    category: 'control',
    requestTime: localDigits(car.locale.zone, action.acceptedAt),
    result,
  }));
  return spaOk(shown);
}
