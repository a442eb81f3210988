// What went wrong, in words for people.
import { ApiError } from './api';

export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) return error.detail || error.title;
  return error instanceof Error ? error.message : String(error);
}

/** Whether the server said that there is nothing (404): a page that is empty, not one that failed. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
