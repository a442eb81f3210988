// Plays a short part of a track, one at a time; the player is silent meanwhile.
import { audioAddress, formatFor, madeFor } from '../lib/formats';
import { player } from '../lib/player.svelte';
import type { Track } from '../lib/records';

const LENGTH_S = 20;
/** Where in the track it begins: behind the introduction. */
const BEGIN = 0.3;

class Excerpt {
  playing = $state<string | null>(null);
  /** From 0 to 1. */
  share = $state(0);
  #audio: HTMLAudioElement | null = null;
  #start_s = 0;
  #made = false;

  toggle(track: Track): void {
    if (this.playing === track.id) this.stop();
    else this.play(track);
  }

  play(track: Track, made = false): void {
    this.stop();
    player.pause();
    const audio = new Audio();
    const can = (type: string): string => audio.canPlayType(type);
    const format = made ? madeFor(can) : formatFor(track, can);
    const begin_s = Math.max(Math.min(BEGIN * track.duration_s, track.duration_s - LENGTH_S), 0);
    // What is made on the way begins where it is asked for; a file is gone into.
    this.#start_s = format === null ? begin_s : 0;
    this.#made = format !== null;
    audio.src = audioAddress(track, format, begin_s);
    if (format === null) audio.addEventListener('loadedmetadata', () => (audio.currentTime = begin_s));
    audio.addEventListener('timeupdate', () => this.#moved(audio));
    audio.addEventListener('ended', () => this.#audio === audio && this.stop());
    audio.addEventListener('error', () => {
      if (this.#audio !== audio) return;
      if (this.#made) this.stop();
      else this.play(track, true);
    });
    this.#audio = audio;
    this.playing = track.id;
    void audio.play().catch(() => undefined); // An error is told by its event.
  }

  stop(): void {
    const audio = this.#audio;
    [this.#audio, this.playing, this.share] = [null, null, 0];
    if (!audio) return;
    audio.pause();
    audio.removeAttribute('src');
    audio.load();
  }

  #moved(audio: HTMLAudioElement): void {
    if (this.#audio !== audio) return;
    this.share = Math.min(Math.max((audio.currentTime - this.#start_s) / LENGTH_S, 0), 1);
    if (this.share >= 1) this.stop();
  }
}

export const excerpt = new Excerpt();
