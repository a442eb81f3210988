// Above the dots: names of labels where most of theirs are, the chosen track with its neighbours, the middle for the keyboard.

const wordCanvas = document.getElementById("words");
const pen = wordCanvas.getContext("2d");
const chosen = { track: -1, over: -1, near: [], found: [] };
const RINGS = 400;
let names_ = [];

/** Where the names of the commonest labels stand. */
function findNames() {
  const column = labels.get(colouring.name);
  names_ = column ? column.at.map(([x, y], code) => ({ name: column.names[code], bucket: code + 2, x, y })) : [];
}

function ring(track, size, colour, wide) {
  pen.beginPath();
  pen.arc(toX(xs[track]), toY(ys[track]), size, 0, 2 * Math.PI);
  pen.lineWidth = wide;
  pen.strokeStyle = colour;
  pen.stroke();
}

/** Text on a rim of paper, so that it is read on any dots. */
function write(text, x, y) {
  const { paper, ink } = palette();
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = paper;
  pen.strokeText(text, x, y);
  pen.fillStyle = ink;
  pen.fillText(text, x, y);
}

function drawWords() {
  const { ink, quiet } = palette();
  pen.setTransform(screen_.ratio, 0, 0, screen_.ratio, 0, 0);
  pen.clearRect(0, 0, screen_.width, screen_.height);
  drawNames();
  const size = radius() / screen_.ratio + 3;
  if (chosen.found.length <= RINGS) for (const track of chosen.found) ring(track, size + 1, ink, 1.5);
  if (chosen.track >= 0) {
    for (const other of chosen.near) {
      pen.lineWidth = 1;
      pen.strokeStyle = quiet;
      pen.beginPath();
      pen.moveTo(toX(xs[chosen.track]), toY(ys[chosen.track]));
      pen.lineTo(toX(xs[other]), toY(ys[other]));
      pen.stroke();
      ring(other, size, ink, 1.5);
    }
    ring(chosen.track, size + 2, ink, 3);
  }
  if (chosen.over >= 0) ring(chosen.over, size, ink, 2);
  if (wordCanvas.matches(":focus-visible")) drawCross();
}

function drawNames() {
  pen.font = "600 13px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const taken = [];
  const above = radius() / screen_.ratio + 9;
  for (const { name, bucket, x, y } of names_) {
    if (colouring.only >= 0 && bucket !== colouring.only) continue;
    const text = name.length > 28 ? `${name.slice(0, 27)}…` : name;
    const half = pen.measureText(text).width / 2 + 4;
    const [px, py] = [toX(x), toY(y) - above];
    if (px < -half || px > screen_.width + half || py < 0 || py > screen_.height) continue;
    const box = [within(px, half, Math.max(half, screen_.width - half)), py, half];
    if (taken.some(([otherX, otherY, other]) => Math.abs(otherX - box[0]) < other + half && Math.abs(otherY - py) < 18)) continue;
    taken.push(box);
    write(text, box[0], py);
  }
}

function drawCross() {
  const [x, y] = [screen_.width / 2, screen_.height / 2];
  pen.beginPath();
  pen.moveTo(x - 9, y); pen.lineTo(x + 9, y);
  pen.moveTo(x, y - 9); pen.lineTo(x, y + 9);
  pen.lineWidth = 1.5;
  pen.strokeStyle = palette().ink;
  pen.stroke();
}
