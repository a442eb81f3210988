// Which part of the map is seen: a centre and a scale, moved at once or smoothly; and what lies under a point.

const view = { x: 0.5, y: 0.5, scale: 1 };
const screen_ = { width: 1, height: 1, ratio: 1 };
let whole = 1;
let goal = null;
let asked = false;
const MARGIN = 0.9;
const DEEPEST = 400;
const still = matchMedia("(prefers-reduced-motion: reduce)");

const toX = (x) => (x - view.x) * view.scale + screen_.width / 2;
const toY = (y) => (y - view.y) * view.scale + screen_.height / 2;
const fromX = (px) => (px - screen_.width / 2) / view.scale + view.x;
const fromY = (py) => (py - screen_.height / 2) / view.scale + view.y;
const within = (value, low, high) => Math.min(high, Math.max(low, value));

function redraw() {
  if (!asked) { asked = true; requestAnimationFrame(frame); }
}

function frame(now) {
  asked = false;
  if (goal) {
    const share = still.matches ? 1 : within((now - goal.began) / goal.lasts, 0, 1);
    const eased = 1 - (1 - share) ** 3;
    view.scale = goal.from.scale * (goal.to.scale / goal.from.scale) ** eased;
    view.x = goal.from.x + (goal.to.x - goal.from.x) * eased;
    view.y = goal.from.y + (goal.to.y - goal.from.y) * eased;
    if (share === 1) goal = null;
  }
  const began = performance.now();
  drawDots();
  drawWords();
  api.frameMs = performance.now() - began;
  api.frames += 1;
  if (goal) redraw();
}

function settled(to) {
  return { x: within(to.x, 0, 1), y: within(to.y, 0, 1), scale: within(to.scale, whole / 2, whole * DEEPEST) };
}

/** See another part at once. */
function look(to) {
  goal = null;
  Object.assign(view, settled({ ...view, ...to }));
  redraw();
}

/** Glide to another part. */
function glide(to) {
  goal = { from: { ...view }, to: settled({ ...(goal ? goal.to : view), ...to }), began: performance.now(), lasts: 260 };
  redraw();
}

/** Zoom so that what lies under a point of the screen stays there. */
function zoomAt(factor, px, py, smooth) {
  const base = goal ? goal.to : view;
  const scale = within(base.scale * factor, whole / 2, whole * DEEPEST);
  const x = (px - screen_.width / 2) / base.scale + base.x;
  const y = (py - screen_.height / 2) / base.scale + base.y;
  const to = { x: x - (px - screen_.width / 2) / scale, y: y - (py - screen_.height / 2) / scale, scale };
  if (smooth) glide(to); else look(to);
}

function showAll() { glide({ x: 0.5, y: 0.5, scale: whole }); }

/** See all of some tracks, not nearer than is needed to tell them apart. */
function showTracks(tracks) {
  let [left, right, top, bottom] = [1, 0, 1, 0];
  for (const track of tracks) {
    left = Math.min(left, xs[track]); right = Math.max(right, xs[track]);
    top = Math.min(top, ys[track]); bottom = Math.max(bottom, ys[track]);
  }
  const fit = 0.8 * Math.min(screen_.width / (right - left || 1e-9), screen_.height / (bottom - top || 1e-9));
  const near = Math.max(view.scale, whole * Math.min(12, Math.max(1, Math.sqrt(count / 60))));
  glide({ x: (left + right) / 2, y: (top + bottom) / 2, scale: within(fit, whole, tracks.length > 1 ? near * 2 : near) });
}

// A grid of cells with the tracks in each, so that a search under the pointer looks at few.

const side = Math.max(1, Math.floor(Math.sqrt(count / 3)));
const cellOf = (value) => Math.min(side - 1, Math.floor(value * side));
const cellStart = new Uint32Array(side * side + 1);
const cellTracks = new Uint32Array(count);
for (let track = 0; track < count; track++) cellStart[cellOf(ys[track]) * side + cellOf(xs[track]) + 1] += 1;
for (let cell = 0; cell < side * side; cell++) cellStart[cell + 1] += cellStart[cell];
const next_ = cellStart.slice();
for (let track = 0; track < count; track++) cellTracks[next_[cellOf(ys[track]) * side + cellOf(xs[track])]++] = track;

/** The track nearest to a point of the screen, -1 where none is within `reach` pixels. */
function trackAt(px, py, reach) {
  const [x, y, far] = [fromX(px), fromY(py), reach / view.scale];
  let [best, least] = [-1, far * far];
  const [firstRow, lastRow] = [cellOf(within(y - far, 0, 1)), cellOf(within(y + far, 0, 1))];
  const [firstColumn, lastColumn] = [cellOf(within(x - far, 0, 1)), cellOf(within(x + far, 0, 1))];
  for (let row = firstRow; row <= lastRow; row++) {
    const start = cellStart[row * side + firstColumn];
    const end = cellStart[row * side + lastColumn + 1];
    for (let at = start; at < end; at++) {
      const track = cellTracks[at];
      const square = (xs[track] - x) ** 2 + (ys[track] - y) ** 2;
      if (square <= least && isShown(track)) { best = track; least = square; }
    }
  }
  return best;
}
