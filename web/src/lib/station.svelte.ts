// Endless play as it runs: the plan and the sliders; the player holds the queue and what happened.
import { api } from './api';
import { player } from './player.svelte';
import type { Answer } from './records';
import { asked, MIDDLE, readable, type StationPlan, type StationSettings } from './station';

const KEY = 'segue.station';
const AHEAD = 12;
const REST_MS = 250; // A slider that is being moved asks when the hand rests.

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

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
    const before = this.plan;
    this.plan = plan;
    try {
      await player.startStation(() => this.#next(), { now });
    } catch (error) {
      this.plan = before;
      throw error;
    }
    this.#keep();
  }

  /** Goes on with the endless play of the last visit, where the queue of then still holds what it foresaw. */
  resume(): void {
    const kept = readable(read());
    if (!kept || !player.queue.entries.some((entry) => entry.fromStation)) return;
    this.plan = kept.plan;
    this.settings = kept.settings;
    player.nextTracks = () => this.#next();
  }

  stop(): void {
    player.stopStation();
    this.plan = null;
    this.#keep();
  }

  /** Moves a slider: what comes next is asked for anew. */
  set(key: keyof StationSettings, value: number): void {
    this.settings[key] = value;
    this.#keep();
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => void player.ask(), REST_MS);
  }

  reset(): void {
    this.settings = { ...MIDDLE };
    this.#keep();
    void player.ask();
  }

  #keep(): void {
    try {
      if (this.plan) localStorage.setItem(KEY, JSON.stringify({ plan: this.plan, settings: this.settings }));
      else localStorage.removeItem(KEY);
    } catch {
      // Storage is off or full: endless play ends with the tab.
    }
  }

  async #next(): Promise<readonly Answer[]> {
    if (!this.plan) return [];
    const body = asked(this.plan, this.settings, player.events, AHEAD);
    return (await api.post('/api/station', { body })).items;
  }
}

export const station = new Station();
