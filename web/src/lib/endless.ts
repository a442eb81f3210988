// Begins endless play from anywhere in the app, and says where it cannot.
import { wordsOf } from './problem';
import type { StationPlan } from './station';
import { station } from './station.svelte';
import { say } from './toasts.svelte';

export async function startEndless(plan: StationPlan): Promise<void> {
  try {
    await station.start(plan);
  } catch (error) {
    say(wordsOf(error), { bad: true });
  }
}
