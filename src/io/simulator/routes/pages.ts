import { html } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

const page = (path: string, body: string): Route => ({
  method: 'GET',
  path,
  kind: 'page',
  admission: 'anybody',
  handle: () => html(200, body),
});

/** Web pages on which redirects end. A client reads their address, hardly ever what stands on them. */
export const pages: readonly Route[] = [
  page('/web/v1/user/signin', '<p>Sign in</p>'),
  page('/web/v1/user/silent', '<p>Signed in</p>'),
  page('/web/v1/user/authorize', '<p>Sign in</p>'),
  page('/web/v1/user/authorization', '<p>Accept the terms of use to go on</p>'),
  page('/web/v1/user/401', '<p>Unauthorised</p>'),
  page('/error', '<p>Bad Request</p>'),
  page('/api/v1/user/oauth2/redirect', '<p>Signed in</p>'),
];
