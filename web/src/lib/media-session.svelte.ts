// What the system's own controls show and do: keys of a keyboard, a lock screen, headphones.
import { address } from './api';
import { player } from './player.svelte';

const STEP_S = 10;

/** Called once, within the app's root component. */
export function followMediaSession(): void {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  const on = (action: MediaSessionAction, run: (details: MediaSessionActionDetails) => void): void => {
    try {
      session.setActionHandler(action, run);
    } catch {
      // An action that this browser does not know.
    }
  };
  on('play', () => player.play());
  on('pause', () => player.pause());
  on('stop', () => player.pause());
  on('previoustrack', () => player.previous());
  on('nexttrack', () => player.next());
  on('seekto', ({ seekTime }) => player.seek(seekTime ?? 0));
  on('seekbackward', ({ seekOffset }) => player.seek(player.position_s - (seekOffset ?? STEP_S)));
  on('seekforward', ({ seekOffset }) => player.seek(player.position_s + (seekOffset ?? STEP_S)));

  $effect(() => {
    const track = player.track;
    session.metadata =
      track &&
      new MediaMetadata({
        title: track.title,
        artist: track.artist,
        album: track.album,
        artwork: track.has_cover
          ? [96, 256, 512].map((size) => ({
              src: address('/api/tracks/{track}/cover', { track: track.id }, { size }),
              sizes: `${size}x${size}`,
            }))
          : [],
      });
  });
  $effect(() => {
    session.playbackState = player.track === null ? 'none' : player.playing ? 'playing' : 'paused';
  });
  $effect(() => {
    const { duration_s, position_s } = player;
    if (duration_s > 0 && position_s <= duration_s) {
      session.setPositionState({ duration: duration_s, position: position_s, playbackRate: 1 });
    }
  });
}
