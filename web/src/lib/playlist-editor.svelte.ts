// A playlist being edited: what is changed is shown at once and sent one change after the other, each naming the
// version that it is made from. Where another tab or person was faster (409), both versions are kept side by side.
import { api, ApiError } from './api';
import type { PlaylistFacts, Track } from './records';

export interface Change {
  name?: string;
  comment?: string;
  is_public?: boolean;
  tracks?: readonly Track[];
}

export class PlaylistEditor {
  /** As it is shown: with changes that the server may not have yet. */
  shown = $state.raw<PlaylistFacts>() as PlaylistFacts;
  /** The other version, where there is one. */
  theirs = $state.raw<PlaylistFacts | null>(null);
  saving = $state(false);
  error = $state.raw<unknown>(null);
  #version: number;
  #waiting: Change | null = null;

  constructor(list: PlaylistFacts) {
    this.shown = list;
    this.#version = list.version;
  }

  /** Shows a change and sends it. */
  async change(change: Change): Promise<void> {
    if (this.theirs) return;
    this.shown = { ...this.shown, ...change, tracks: [...(change.tracks ?? this.shown.tracks)] };
    this.#waiting = { ...this.#waiting, ...change };
    if (!this.saving) await this.#send();
  }

  /** Sends again what could not be sent. */
  again = (): void => {
    if (!this.saving) void this.#send();
  };

  /** The other version is right: this one is forgotten. */
  takeTheirs(): void {
    if (!this.theirs) return;
    this.shown = this.theirs;
    this.#version = this.theirs.version;
    this.#waiting = null;
    this.theirs = null;
  }

  /** Keeps this version beside the other one, under another name. */
  async keepCopy(name: string): Promise<PlaylistFacts> {
    const { comment, tracks } = this.shown;
    const body = { name, comment, is_public: false, tracks: tracks.map((track) => track.id) };
    const copy = await api.post('/api/playlists', { body });
    this.takeTheirs();
    return copy;
  }

  async #send(): Promise<void> {
    this.saving = true;
    this.error = null;
    let sent: Change = {};
    try {
      while (this.#waiting && !this.theirs) {
        sent = this.#waiting;
        const { tracks, ...rest } = sent;
        this.#waiting = null;
        const body = {
          version: this.#version,
          ...rest,
          ...(tracks && { tracks: tracks.map((track) => track.id) }),
        };
        const saved = await api.put('/api/playlists/{playlist}', { path: { playlist: this.shown.id }, body });
        this.#version = saved.version;
        if (!this.#waiting) this.shown = saved;
      }
    } catch (error) {
      await this.#refused(error, sent);
    } finally {
      this.saving = false;
    }
  }

  /** What was refused for another reason waits for the next attempt. */
  async #refused(error: unknown, sent: Change): Promise<void> {
    this.#waiting = { ...sent, ...this.#waiting };
    if (!(error instanceof ApiError && error.status === 409)) this.error = error;
    else {
      const path = { playlist: this.shown.id };
      try {
        this.theirs = await api.get('/api/playlists/{playlist}', { path });
      } catch (problem) {
        this.error = problem;
      }
    }
  }
}
