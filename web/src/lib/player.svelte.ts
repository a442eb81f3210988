// The player: the queue, two decks that play it, and what it tells the server of what was heard.
import { t } from '../i18n/i18n.svelte';
import { api } from './api';
import type { Deck } from './deck';
import { Decks } from './decks';
import { Handover } from './handover';
import { Hearing } from './hearing';
import { opinionOf, setOpinion, type Opinion } from './opinions.svelte';
import * as queues from './queue';
import { EMPTY, present, type Entry, type Queue, type Wanted } from './queue';
import type { Answer, Feedback, Track } from './records';
import { Recovery } from './recovery';
import { say } from './toasts.svelte';

/** Ids of tracks by what happened to them since endless play began, oldest first. */
export interface StationEvents {
  readonly played: readonly string[];
  readonly liked: readonly string[];
  readonly disliked: readonly string[];
  readonly skipped: readonly string[];
}

/** Asks endless play for what comes next. */
export type Station = () => Promise<readonly Answer[]>;

const NOTHING_YET: StationEvents = { played: [], liked: [], disliked: [], skipped: [] };
const NEARLY_EMPTY = 3; // Tracks to come; with fewer, endless play is asked for more.
const BACK_TO_START_S = 4; // Later in a track, "previous" leads to its beginning.

export class Player {
  queue = $state.raw<Queue>(EMPTY);
  /** Whether it should play; it may be waiting for the sound all the same. */
  playing = $state(false);
  waiting = $state(false);
  position_s = $state(0);
  duration_s = $state(0);
  /** Why nothing is heard, in words, where that is so. */
  trouble = $state<string | null>(null);
  readonly current = $derived(present(this.queue));
  readonly track = $derived<Track | null>(this.current?.track ?? null);

  /** Endless play: asked when the queue is nearly at its end, and anew when an opinion changes what should come. */
  nextTracks = $state.raw<Station | null>(null);
  /** What happened since endless play began. */
  events = $state.raw<StationEvents>(NOTHING_YET);
  /** Whether endless play is being asked. */
  asking = $state(false);

  readonly #decks = new Decks({
    changed: (deck) => this.#changed(deck),
    ended: (deck) => this.#ended(deck),
    failed: (deck) => this.#failed(deck),
  });
  readonly #handover = new Handover(
    this.#decks,
    () => this.#upcoming(),
    (next, fade_s) => this.#takeOver(next, fade_s),
  );
  readonly #recovery = new Recovery({
    needs: (deck) => deck === this.#decks.front && this.playing,
    away: () => this.#away(),
    again: (deck, at_s, remade) => this.#again(deck, at_s, remade),
    gone: (deck, giveUp) => this.#passOver(deck, giveUp),
  });
  #hearing: Hearing | null = null;
  #asked = 0;

  // ---- what a person does ------------------------------------------------------------------------------

  /** Plays a list from one of its places. Endless play from before ends. */
  playNow(wanted: readonly Wanted[], at = 0): void {
    if (wanted.length === 0) return;
    this.stopStation();
    this.#leave({ byHand: true });
    this.queue = queues.playNow(this.queue, wanted, at);
    this.#begin();
  }

  playTracks(tracks: readonly Track[], at = 0): void {
    const wanted = tracks.map((track) => ({ track }));
    this.playNow(wanted, at);
  }

  addNext(wanted: readonly Wanted[]): void {
    this.#change(queues.addNext(this.queue, wanted));
  }

  addLast(wanted: readonly Wanted[]): void {
    this.#change(queues.addLast(this.queue, wanted));
  }

  /** Plays an entry that is in the queue. */
  playEntry(place: number): void {
    if (!this.queue.entries[place]) return;
    this.#leave({ byHand: place > this.queue.place });
    this.queue = { ...this.queue, place };
    this.#begin();
  }

  remove(keys: readonly number[]): void {
    this.#change(queues.remove(this.queue, keys));
  }

  move(from: number, to: number): void {
    this.#change(queues.move(this.queue, from, to));
  }

  clear(): void {
    this.stopStation();
    this.#change(queues.clear(this.queue));
  }

  /** The queue as it was before a change that is undone. */
  restore(queue: Queue): void {
    this.#change({ ...queue, nextKey: Math.max(queue.nextKey, this.queue.nextKey) });
  }

  toggleShuffle(): void {
    this.#change(this.queue.ordered ? queues.unshuffle(this.queue) : queues.shuffle(this.queue));
  }

  /** Off, all, one, and off again. */
  toggleRepeat(): void {
    this.#change({ ...this.queue, repeat: queues.nextRepeat(this.queue.repeat) });
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (!this.current) return;
    if (this.trouble || this.#decks.front.broken || this.#decks.front.entry?.key !== this.current.key)
      this.#begin(this.position_s);
    else void this.#start();
  }

  pause(): void {
    this.playing = false;
    this.waiting = false;
    this.#hush();
    this.#decks.front.pause();
  }

  next(): void {
    this.#goOn({ byHand: true });
  }

  previous(): void {
    const place = this.position_s > BACK_TO_START_S ? null : queues.previousPlace(this.queue);
    if (place === null) this.seek(0);
    else this.playEntry(place);
  }

  seek(position_s: number): void {
    this.position_s = Math.min(Math.max(position_s, 0), Math.max(this.duration_s - 0.5, 0));
    this.#hush();
    if (this.playing) this.#handover.watch();
    this.#hearing?.jump();
    if (this.#decks.front.entry) this.#decks.front.seek(this.position_s);
  }

  /** Likes or dislikes what plays; a second time takes it back. */
  say(opinion: Opinion): void {
    const track = this.track;
    if (track) void this.opine(track, opinionOf(track) === opinion ? 0 : opinion);
  }

  /** Tells an opinion of any track, and lets endless play hear of it. What plays and is disliked is left at once. */
  async opine(track: Track, opinion: Opinion): Promise<void> {
    const told = setOpinion(track, opinion);
    if (opinion !== 0) this.#note(opinion > 0 ? 'liked' : 'disliked', track.id);
    if (opinion < 0 && this.playing && this.track?.id === track.id) {
      this.#hearing = null; // It is disliked, not skipped besides.
      this.next();
    }
    await told;
  }

  /** Follows volume and ReplayGain when they change. */
  tune(): void {
    this.#decks.tune();
  }

  /** A queue from an earlier visit: shown, and played when asked for. */
  resume(queue: Queue, position_s: number): void {
    this.queue = queue;
    this.position_s = position_s;
    this.duration_s = this.track?.duration_s ?? 0;
  }

  // ---- endless play ------------------------------------------------------------------------------------

  /** Begins endless play: what it answers is played now, or put behind what is in the queue. */
  async startStation(station: Station, { now = true } = {}): Promise<void> {
    this.stopStation();
    const first = await station();
    const straight = queues.unshuffle(this.queue);
    if (now && first.length > 0) {
      this.#leave({ byHand: true });
      this.queue = queues.foresee({ ...straight, entries: [], place: -1 }, first);
      this.queue = { ...this.queue, place: 0 };
      this.#begin();
    } else this.#change(queues.foresee(straight, first));
    this.nextTracks = station;
  }

  /** Ends endless play; what it foresaw stays in the queue. */
  stopStation(): void {
    this.#asked += 1;
    this.asking = false;
    this.nextTracks = null;
    this.events = NOTHING_YET;
  }

  /** Asks endless play; `anew` takes back what it foresaw and was not heard yet. */
  async ask({ anew = true } = {}): Promise<void> {
    const station = this.nextTracks;
    if (!station) return;
    const asked = (this.#asked += 1);
    this.asking = true;
    try {
      const answers = await station();
      if (asked === this.#asked) this.#change(queues.foresee(this.queue, answers, { keep: !anew }));
    } catch {
      if (asked === this.#asked) say(t('player.station.failed'), { bad: true });
    } finally {
      if (asked === this.#asked) this.asking = false;
    }
  }

  #note(what: keyof StationEvents, id: string): void {
    if (!this.nextTracks) return;
    this.events = { ...this.events, [what]: [...this.events[what], id] };
    if (what !== 'played') void this.ask();
  }

  #topUp(): void {
    if (this.asking || !this.nextTracks || queues.coming(this.queue).length >= NEARLY_EMPTY) return;
    void this.ask({ anew: false });
  }

  // ---- from track to track -----------------------------------------------------------------------------

  /** Takes over a changed queue; where another entry is present now, that one plays. */
  #change(queue: Queue): void {
    const before = this.current?.key;
    this.queue = queue.place < 0 && queue.entries.length > 0 ? { ...queue, place: 0 } : queue;
    if (this.current?.key !== before) {
      const wasPlaying = this.playing && this.current !== null;
      this.#stop();
      this.duration_s = this.track?.duration_s ?? 0;
      if (wasPlaying) this.#begin();
    }
    this.#decks.unloadBut(this.#upcoming());
    this.#topUp();
  }

  #begin(at_s = 0): void {
    const entry = this.current;
    if (!entry) return;
    this.#hush();
    this.#decks.begin(entry, at_s);
    this.#introduce(entry, at_s);
    void this.#start();
  }

  #introduce(entry: Entry, at_s: number): void {
    this.trouble = null;
    this.#hearing = new Hearing(entry.track.duration_s);
    this.position_s = at_s;
    this.duration_s = entry.track.duration_s;
    this.#topUp();
  }

  async #start(): Promise<void> {
    this.playing = true;
    this.waiting = true;
    this.#handover.watch();
    const deck = this.#decks.front;
    if (!(await deck.play()) && deck === this.#decks.front) this.pause();
  }

  #goOn({ byHand }: { byHand: boolean }): void {
    this.#leave({ byHand });
    const place = queues.nextPlace(this.queue, { byHand });
    if (place !== null) {
      this.queue = { ...this.queue, place };
      this.#begin();
    } else if (this.nextTracks) void this.#goOnWhenAnswered();
    else this.#stop();
  }

  /** Endless play was slower than the listener. */
  async #goOnWhenAnswered(): Promise<void> {
    const at = this.current?.key;
    this.#stop();
    await this.ask({ anew: false });
    const place = queues.nextPlace(this.queue, { byHand: true });
    if (place !== null && this.current?.key === at && !this.playing) this.playEntry(place);
  }

  #stop(): void {
    this.playing = false;
    this.waiting = false;
    this.#hush();
    this.#decks.stop();
    this.#hearing = null;
    this.position_s = 0;
  }

  /** Ends what was to happen by itself: a fade, the next track, another attempt. */
  #hush(): void {
    this.#handover.rest();
    this.#recovery.rest();
  }

  /** The next track begins on the deck behind, while this one plays its end. */
  #takeOver(next: Entry, fade_s: number): void {
    if (!this.playing) return;
    this.#leave({ byHand: false });
    this.#decks.takeOver(fade_s);
    this.queue = { ...this.queue, place: this.queue.entries.indexOf(next) };
    this.#introduce(next, 0);
    void this.#start();
  }

  /** The entry that will follow by itself; a track that repeats is played again on its own deck. */
  #upcoming(): Entry | null {
    const place = queues.nextPlace(this.queue, { byHand: false });
    const entry = place === null ? null : (this.queue.entries[place] ?? null);
    return entry?.key === this.current?.key ? null : entry;
  }

  // ---- what the decks say ------------------------------------------------------------------------------

  #changed(deck: Deck): void {
    if (deck !== this.#decks.front || this.trouble) return;
    this.position_s = deck.position_s;
    this.duration_s = deck.duration_s;
    this.waiting = this.playing && deck.waiting;
    if (deck.paused) return this.#pausedElsewhere(deck);
    if (!deck.waiting) this.#recovery.well();
    if (this.#hearing?.at(deck.position_s) && deck.entry) this.#tell('play', deck.entry.track);
  }

  /** The system paused the sound (a call, headphones pulled out): it stays paused. */
  #pausedElsewhere(deck: Deck): void {
    if (this.playing && deck.position_s > 0 && deck.position_s < deck.duration_s - 0.5) this.pause();
  }

  #ended(deck: Deck): void {
    if (deck === this.#decks.front) this.#goOn({ byHand: false });
  }

  #failed(deck: Deck): void {
    if (deck === this.#decks.front) void this.#recovery.failed(deck, this.position_s);
    else deck.unload(); // Its trouble is told when its turn comes.
  }

  #away(): void {
    this.trouble = t('player.away');
    this.waiting = this.playing;
  }

  #again(deck: Deck, at_s: number, remade: boolean): void {
    if (!deck.entry) return;
    this.trouble = null;
    deck.load(deck.entry, at_s, { remade });
    void this.#start();
  }

  /** Says once that a track cannot be played, and goes on. */
  #passOver(deck: Deck, giveUp: boolean): void {
    say(t('player.broken', { title: deck.entry?.track.title ?? '' }), { bad: true });
    this.#hearing = null;
    if (giveUp) this.#stop();
    else this.#goOn({ byHand: true });
  }

  // ---- what was heard ----------------------------------------------------------------------------------

  /** The present entry is left. By hand and before it counts as played, it was skipped, heard or not. */
  #leave({ byHand }: { byHand: boolean }): void {
    const [hearing, track] = [this.#hearing, this.track];
    this.#hearing = null;
    const awaited = this.playing && !this.trouble;
    if (track && byHand && hearing?.isSkip(awaited)) this.#tell('skip', track, hearing.heard_s);
  }

  #tell(kind: 'play' | 'skip', track: Track, played_s: number | null = null): void {
    const body: Feedback = { track: track.id, kind, played_s, time_s: Date.now() / 1000 };
    void api.post('/api/feedback', { body }).catch(() => undefined); // Playing does not wait for it.
    this.#note(kind === 'play' ? 'played' : 'skipped', track.id);
  }
}

export const player = new Player();
