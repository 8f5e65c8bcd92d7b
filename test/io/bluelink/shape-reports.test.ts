import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Answer,
  endpointOf,
  type ShapeIssue,
  ShapeReports,
  sentenceOf,
} from '../../../src/io/bluelink/shape-reports.ts';
import { flag, list, number, part, text } from '../../../src/io/bluelink/translate/scalars.ts';
import { createMemoryLog } from './support/account.ts';

const schema = z.object({
  id: z.string(),
  name: text,
  open: flag,
  battery: part({ level: number, cells: list(z.object({ volts: number, id: z.string() })) }),
  range: part({ value: number, unit: number }),
});
const GOOD = {
  id: 'a',
  name: 'b',
  open: 1,
  battery: { level: 1, cells: [{ volts: 3, id: 'x' }] },
  range: { value: 5, unit: 3 },
};

function read(value: unknown) {
  const issues: ShapeIssue[] = [];
  const answer = new Answer((issue) => issues.push(issue), ['resMsg']);
  return { value: answer.read(schema, value), issues, answer };
}

describe('an answer', () => {
  it('that is as expected is read as it is, and nothing is told', () => {
    const { value, issues, answer } = read({ ...GOOD, news: { from: 'the vendor' } });
    expect(value).toEqual({ ...GOOD, open: true });
    expect(issues).toEqual([]);
    expect(answer.problem).toBeNull();
  });

  it('may leave out whatever is not required, and nothing is told', () => {
    const { value, issues } = read({ id: 'a' });
    expect(value).toEqual({ id: 'a', name: null, open: null, battery: null, range: null });
    expect(issues).toEqual([]);
  });

  it.each([
    ['a number for a text', { name: 7 }, { name: null }, 'name', 'string', 'number'],
    [
      'an object for a number',
      { battery: { level: {} } },
      { battery: { level: null, cells: [] } },
      'battery.level',
      'number',
      'object',
    ],
    ['null for an object', { battery: null }, { battery: null }, 'battery', 'object', 'null'],
    [
      'null for a number',
      { battery: { level: null } },
      { battery: { level: null, cells: [] } },
      'battery.level',
      'number',
      'null',
    ],
    ['a list for an object', { battery: [1] }, { battery: null }, 'battery', 'object', 'list'],
    ['another number for a flag', { open: 7 }, { open: null }, 'open', 'boolean or 0 or 1', 'number'],
  ])('loses %s, and tells its path', (_, change, lost, path, expected, got) => {
    const { value, issues } = read({ ...GOOD, ...change });
    expect(value).toEqual({ ...GOOD, open: true, ...lost });
    expect(issues).toEqual([{ path: `resMsg.${path}`, expected, got }]);
  });

  it('loses the entries of a list of which something required is missing, and only fields of the others', () => {
    const cells = [{ id: 'x', volts: '3' }, { volts: 'low' }, null, { id: 'y', volts: 4 }];
    const { value, issues, answer } = read({ ...GOOD, battery: { level: 1, cells } });
    expect(value?.battery?.cells).toEqual([
      { id: 'x', volts: null },
      { id: 'y', volts: 4 },
    ]);
    expect(issues.map(({ path, got }) => `${path} ${got}`)).toEqual([
      'resMsg.battery.cells[].volts string',
      'resMsg.battery.cells[].volts string',
      'resMsg.battery.cells[].id nothing',
      'resMsg.battery.cells[] null',
    ]);
    expect(answer.hasLost('level')).toBe(false);
    expect(answer.hasLost('cells[]')).toBe(true);
  });

  it('whose unit cannot be read loses what the unit is of: miles are not taken for kilometres', () => {
    const { value, issues, answer } = read({ ...GOOD, range: { value: 5, unit: 'mi' } });
    expect(value?.range).toBeNull();
    expect(issues).toEqual([{ path: 'resMsg.range.unit', expected: 'number', got: 'string' }]);
    expect(answer.hasLost('range')).toBe(true);
  });

  it.each([
    [
      { ...GOOD, id: 7 },
      { path: 'resMsg.id', expected: 'string', got: 'number' },
    ],
    [{ name: 'b' }, { path: 'resMsg.id', expected: 'string', got: 'nothing' }],
    ['surprise', { path: 'resMsg', expected: 'object', got: 'string' }],
    [null, { path: 'resMsg', expected: 'object', got: 'null' }],
    [[GOOD], { path: 'resMsg', expected: 'object', got: 'list' }],
  ])('without what is required is none, and its problem says why: %j', (value, problem) => {
    const { value: nothing, issues, answer } = read(value);
    expect(nothing).toBeNull();
    expect(answer.problem).toEqual(problem);
    expect(issues).toEqual([problem]);
  });

  it('is never changed by being read', () => {
    const value = { ...GOOD, battery: { level: 'x', cells: [1] } };
    const before = structuredClone(value);
    read(value);
    expect(value).toEqual(before);
  });

  it('may be as deep and as long as it likes', () => {
    const depth = 20_000;
    const deep: unknown = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(read({ ...GOOD, name: 7, deep }).value).toMatchObject({ id: 'a', name: null });
    const cells = Array.from({ length: 5_000 }, (_, n) => (n % 2 === 0 ? { id: 'x', volts: 'high' } : n));
    expect(read({ ...GOOD, battery: { cells } }).value?.battery?.cells).toHaveLength(2_500);
  });

  it('that is a page in the place of an answer is not told', () => {
    const issues: ShapeIssue[] = [];
    const answer = new Answer((issue) => issues.push(issue));
    expect(answer.readBody(schema, '<html>back soon</html>')).toBeNull();
    expect(answer.readBody(schema, undefined)).toBeNull();
    expect(issues).toEqual([]);
    expect(answer.readBody(schema, null)).toBeNull();
    expect(issues).toHaveLength(1);
  });
});

describe('the reports of changed shapes', () => {
  it('are one warning for each endpoint and path, with neither value nor id', () => {
    const log = createMemoryLog();
    const reports = new ShapeReports(log);
    for (const endpoint of ['one', 'two', 'one']) {
      reports
        .answer(endpoint)
        .at('resMsg')
        .read(schema, { ...GOOD, name: 4711 });
      reports
        .answer(endpoint)
        .at('resMsg')
        .read(schema, { ...GOOD, name: ['4711'] });
    }
    expect(log.lines.map(({ level, fields }) => ({ level, fields }))).toEqual(
      ['one', 'two'].map((endpoint) => ({
        level: 'warn',
        fields: { endpoint, path: 'resMsg.name', expected: 'string', got: 'number' },
      })),
    );
    expect(JSON.stringify(log.lines)).not.toContain('4711');
  });

  it('are bounded, whatever comes', () => {
    const log = createMemoryLog();
    const reports = new ShapeReports(log);
    for (let n = 0; n < 2_000; n += 1) reports.answer(`endpoint ${n}`).read(schema, { ...GOOD, name: 1 });
    expect(log.lines).toHaveLength(1_000);
  });

  it.each([
    ['/api/v1/spa/vehicles/1-2/status/latest', '/api/v1/spa/vehicles/{car}/status/latest'],
    ['/api/v1/spa/vehicles', '/api/v1/spa/vehicles'],
    ['/api/v1/spa/notifications/1-2/records', '/api/v1/spa/notifications/{car}/records'],
    ['/api/v1/spa/notifications/register', '/api/v1/spa/notifications/register'],
    ['/domain/api/v1/auth/token?code=secret', '/domain/api/v1/auth/token'],
  ])('call %s %s', (path, endpoint) => {
    expect(endpointOf(path)).toBe(endpoint);
  });

  it('have a sentence for the failure', () => {
    expect(sentenceOf({ path: 'a.b[]', expected: 'string', got: 'nothing' })).toBe(
      'a.b[] should be string and is missing.',
    );
    expect(sentenceOf({ path: '', expected: 'object', got: 'null' })).toBe('The answer should be object and is null.');
  });
});
