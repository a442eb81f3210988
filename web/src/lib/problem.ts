// What went wrong, in the reader's language: what the server names by a type is said here, the rest as it says it.
import { t, type Key } from '../i18n/i18n.svelte';
import { ApiError } from './api';

const TYPES = 'urn:segue:problem:';

/** Types whose words say all. */
const WHOLE = [
  'administrators-only',
  'busy',
  'has-accounts',
  'no-accounts',
  'not-logged-in',
  'only-at-the-machine',
  'seal-broken',
  'sign-in-again',
  'too-many-attempts',
  'wrong-old-password',
  'wrong-password',
] as const;
/** Types of which the server has more to say. */
const PARTLY = ['damaged', 'disk-full', 'read-only', 'service-busy', 'service-failed', 'too-new'] as const;

const STATUS: Readonly<Record<number, Key>> = {
  0: 'failed.away',
  401: 'failed.stranger',
  403: 'failed.forbidden',
  404: 'failed.missing',
  409: 'failed.changed',
  413: 'failed.large',
  422: 'failed.unfit',
  429: 'failed.often',
  503: 'problem.busy',
  507: 'problem.disk-full',
};

/** What kind of problem it is. */
export function titleOf(error: unknown): string {
  if (!(error instanceof ApiError)) return t('failed.other');
  const known = named(WHOLE, error) ?? named(PARTLY, error);
  return t(known ? `problem.${known}` : (STATUS[error.status] ?? 'failed.other'));
}

/** What the server says besides; '' where the title says it all. */
export function detailOf(error: unknown): string {
  if (error instanceof ApiError) return named(WHOLE, error) ? '' : error.detail;
  return error instanceof Error ? error.message : '';
}

/** One line. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const detail = detailOf(error);
  if (detail === '') return titleOf(error);
  return named(PARTLY, error) ? `${titleOf(error)}: ${detail}` : detail;
}

/** Whether the server said that there is nothing (404): a page that is empty, not one that failed. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function named<Name extends string>(names: readonly Name[], { type }: ApiError): Name | undefined {
  return names.find((name) => type === TYPES + name);
}
