// Endless play as it runs: the plan and the sliders; the player holds the queue and what happened.
import { t } from '../i18n/i18n.svelte';
import { api } from './api';
import { player } from './player.svelte';
import { wordsOf } from './problem';
import type { Answer } from './records';
import { go } from './router.svelte';
import { asked, MIDDLE, type Seed, type StationPlan, type StationSettings } from './station';
import { say } from './toasts.svelte';

const AHEAD = 12;
const REST_MS = 250; // A slider that is being moved asks when the hand rests.

class Station {
  plan = $state.raw<StationPlan | null>(null);
  settings = $state<StationSettings>({ ...MIDDLE });
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** Whether what plays is this endless play. */
  get runs(): boolean {
    return player.nextTracks !== null && this.plan !== null;
  }

  /** Begins, from what plays on or at once. */
  async start(plan: StationPlan, { now = true } = {}): Promise<void> {
    this.plan = plan;
    await player.startStation(() => this.#next(), { now });
  }

  stop(): void {
    player.stopStation();
    this.plan = null;
  }

  /** Moves a slider: what comes next is asked for anew. */
  set(key: keyof StationSettings, value: number): void {
    this.settings[key] = value;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => void player.ask(), REST_MS);
  }

  reset(): void {
    this.settings = { ...MIDDLE };
    void player.ask();
  }

  async #next(): Promise<readonly Answer[]> {
    if (!this.plan) return [];
    const body = asked(this.plan, this.settings, player.events, AHEAD);
    return (await api.post('/api/station', { body })).items;
  }
}

export const station = new Station();

/** Begins endless play for a button or a menu: says that it began, or why it could not. */
export async function endless(plan: StationPlan): Promise<void> {
  try {
    await station.start(plan);
    say(t('station.began'), { action: { label: t('station.show'), run: () => go('station') } });
  } catch (error) {
    say(wordsOf(error), { bad: true });
  }
}

/** Endless play from one thing of the library. */
export function endlessFrom(kind: Seed['kind'], id: string, name: string): Promise<void> {
  return endless({ seeds: [{ kind, id, ids: [] }], name });
}
