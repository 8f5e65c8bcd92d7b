import type { SimAccount } from './account.ts';
import type { SimCar } from './car/car.ts';

/** What the demo logs in with. None of it exists outside the simulator. */
export const DEMO_CREDENTIALS = { username: 'demo@example.com', password: 'demo-password', pin: '1234' } as const;

/** The demo's account: an IONIQ 5 that charges at home and a parked Kona, both of the classic protocol. */
export function demoAccount(): SimAccount {
  return {
    ...DEMO_CREDENTIALS,
    brand: 'hyundai',
    refreshToken: 'DEMO0REFRESH0TOKEN0OF0THE0SIMULATED0CLOUD0000001',
    cars: [
      {
        id: '5a1c7d20-0000-4000-8000-00000000d105',
        vin: 'KMHKN81AFPU000105',
        name: 'IONIQ 5',
        model: 'IONIQ 5',
        year: '2023',
        type: 'EV',
        ccs2: 0,
        spec: {
          capacityKwh: 77.4,
          fullRangeKm: 480,
          fuelRangeKm: 0,
          powerKw: { fast: 180, portable: 2.3, station: 10.5 },
        },
        state: {
          stateOfChargePercent: 54,
          plug: 'station',
          charging: true,
          chargePortOpen: true,
          limitAcPercent: 80,
          limitDcPercent: 80,
          odometerKm: 24_518.3,
          battery12vPercent: 88,
          latitude: 52.5163,
          longitude: 13.3777,
        },
      },
      {
        id: '5a1c7d20-0000-4000-8000-00000000d064',
        vin: 'KMHK381GFMU000064',
        name: 'Kona',
        model: 'KONA Electric',
        year: '2021',
        type: 'EV',
        ccs2: 0,
        spec: {
          capacityKwh: 64,
          fullRangeKm: 449,
          fuelRangeKm: 0,
          powerKw: { fast: 75, portable: 2.3, station: 10.5 },
        },
        state: {
          stateOfChargePercent: 71,
          limitAcPercent: 100,
          limitDcPercent: 80,
          odometerKm: 48_902.7,
          battery12vPercent: 84,
          latitude: 48.1372,
          longitude: 11.5756,
        },
      },
    ],
  };
}

/** A car of the newer protocol (CCS2). */
export const DEMO_CCS2_CAR: SimCar = {
  id: '5a1c7d20-0000-4000-8000-00000000d106',
  vin: 'KMHM341AFPA000106',
  name: 'IONIQ 6',
  model: 'IONIQ 6',
  year: '2024',
  type: 'EV',
  ccs2: 2,
  spec: {
    capacityKwh: 77.4,
    fullRangeKm: 545,
    fuelRangeKm: 0,
    powerKw: { fast: 180, portable: 2.3, station: 10.5 },
  },
  state: {
    stateOfChargePercent: 63,
    limitAcPercent: 90,
    limitDcPercent: 80,
    odometerKm: 9_310.4,
    battery12vPercent: 91,
    latitude: 50.1109,
    longitude: 8.6821,
  },
};
