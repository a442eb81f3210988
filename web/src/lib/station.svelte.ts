// Endless play as it runs: the plan and the sliders; the player holds the queue and what happened.
import { api } from './api';
import { player } from './player.svelte';
import type { Answer } from './records';
import { asked, MIDDLE, type StationPlan, type StationSettings } from './station';

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
