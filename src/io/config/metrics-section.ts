import { z } from 'zod';
import * as field from './fields.ts';

/** Metrics and health for machines that look after machines. */
export const metricsSection = z
  .strictObject({
    port: field.optionalWhole(
      { about: 'The port for `/metrics`, `/healthz` and `/readyz`; 0: a free one, which the log names.' },
      { min: 0, max: 65_535 },
      'nothing is served or measured',
    ),
    host: field.text(
      {
        about:
          'The address to listen on. Another than the loopback address can be read by everybody who reaches it; there is no password.',
      },
      '127.0.0.1',
      {
        pattern: /^[0-9a-z.:-]{1,253}$/i,
        rule: 'must be a host name or address of this machine only, without http://, port or path',
        type: 'host name or address',
      },
    ),
  })
  .prefault({})
  .register(field.keyFacts, { about: 'Metrics and health, over HTTP.', type: 'section', fallback: null });
