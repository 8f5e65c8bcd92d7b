import type { z } from 'zod';
import type { Path } from './tree.ts';

/**
 * Keys that must fit each other are checked also when there are mistakes elsewhere, so that one run tells them all: each
 * relation asks whether what it compares could be read.
 */

/** For `superRefine`: by itself it is passed over as soon as anything in the section is wrong. */
export const EVEN_WITH_MISTAKES: z.core.$ZodSuperRefineParams = {
  when: (payload) => isRead(payload, []),
};

type Issues = readonly { readonly code?: string | undefined; readonly path?: readonly PropertyKey[] | undefined }[];

/** Whether the value at `path`, below what is being checked, is there as its schema wants it. */
export function isRead({ issues }: { readonly issues: Issues }, path: Path): boolean {
  return !issues.some(
    (issue) => issue.code !== 'unrecognized_keys' && (issue.path ?? []).every((part, depth) => part === path[depth]),
  );
}

/** The keys of a section, undefined where they could not be read. */
export function readKeys<T extends object>(
  section: T,
  context: { readonly issues: Issues },
): { readonly [K in keyof T]: T[K] | undefined } {
  const entries = Object.entries(section).filter(([key]) => isRead(context, [key]));
  return Object.fromEntries(entries) as { [K in keyof T]: T[K] | undefined };
}
