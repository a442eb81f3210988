// Draws the points of the map with WebGL 2: one buffer, one call a frame, round dots with a soft rim.
import type { Rgb } from '../lib/shades';
import type { Size, View } from './view';

const VERTEX = `#version 300 es
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
uniform vec3 colours[16];
uniform vec3 paper;
uniform float only;
uniform bool selecting;
in vec2 point;
in float bucket;
in float chosen;
out vec4 colour;
void main() {
  bool lit = (only < 0.0 || bucket == only) && (!selecting || chosen > 0.0);
  gl_Position = vec4((point - middle) * scale, lit ? 0.0 : 0.5, 1.0);
  gl_PointSize = size + 1.0;
  vec3 full = colours[int(bucket)];
  colour = lit ? vec4(full, bucket < 2.0 ? 0.4 : 0.85) : vec4(mix(paper, full, 0.35), 0.4);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform float size;
in vec4 colour;
out vec4 seen;
void main() {
  float far = length(gl_PointCoord - 0.5) * (size + 1.0);
  float share = clamp(0.5 * size - far + 0.5, 0.0, 1.0) * colour.a;
  if (share <= 0.004) discard;
  seen = vec4(colour.rgb * share, share);
}`;

export interface Look {
  view: View;
  size: Size;
  /** Pixels of the canvas for one of CSS. */
  ratio: number;
  /** In CSS pixels. */
  radius: number;
  /** One colour a bucket. */
  colours: readonly Rgb[];
  paper: Rgb;
  /** The bucket that is shown alone; -1 for all. */
  only: number;
  selecting: boolean;
  /** Draws this share of the points, evenly over the map: for machines that are slow while one moves. */
  share: number;
}

export interface Dots {
  setBuckets(buckets: Uint8Array): void;
  /** 1 for chosen points, 0 for others. */
  setChosen(chosen: Uint8Array): void;
  draw(look: Look): void;
  /** Waits until all that was asked is drawn (a pixel cannot be read before): for measuring. */
  finish(): void;
  remove(): void;
}

/** Null where the browser has no WebGL 2. */
export function dotsOn(canvas: HTMLCanvasElement, points: Float32Array): Dots | null {
  const gl = canvas.getContext('webgl2', {
    antialias: false,
    alpha: true,
    powerPreference: 'high-performance',
  });
  if (!gl) return null;
  const program = programOf(gl);
  if (!program) return null;
  const count = points.length >> 1;
  const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const places = {
    middle: at('middle'),
    scale: at('scale'),
    size: at('size'),
    colours: at('colours'),
    paper: at('paper'),
    only: at('only'),
    selecting: at('selecting'),
  };
  const order = shuffled(count);
  const mixed = new Float32Array(2 * count);
  order.forEach((i, k) => mixed.set([points[2 * i] ?? 0, points[2 * i + 1] ?? 0], 2 * k));
  attribute(gl, program, 'point', mixed, 2, gl.FLOAT);
  const buckets = attribute(gl, program, 'bucket', new Uint8Array(count), 1, gl.UNSIGNED_BYTE);
  const chosen = attribute(gl, program, 'chosen', new Uint8Array(count), 1, gl.UNSIGNED_BYTE);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const replace = (buffer: WebGLBuffer | null, values: Uint8Array): void => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferSubData(
      gl.ARRAY_BUFFER,
      0,
      Uint8Array.from(order, (i) => values[i] ?? 0),
    );
  };
  return {
    setBuckets: (values) => replace(buckets, values),
    setChosen: (values) => replace(chosen, values),
    draw: ({ view, size, ratio, radius, colours, paper, only, selecting, share }) => {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(places.middle, view.x, view.y);
      gl.uniform2f(places.scale, (2 * view.scale) / size.width, (2 * view.scale) / size.height);
      gl.uniform1f(places.size, 2 * radius * ratio);
      const flat = new Float32Array(48);
      colours.slice(0, 16).forEach((colour, k) =>
        flat.set(
          colour.map((one) => one / 255),
          3 * k,
        ),
      );
      gl.uniform3fv(places.colours, flat);
      gl.uniform3f(places.paper, paper[0] / 255, paper[1] / 255, paper[2] / 255);
      gl.uniform1f(places.only, only);
      gl.uniform1i(places.selecting, selecting ? 1 : 0);
      gl.drawArrays(gl.POINTS, 0, Math.ceil(share * count));
    },
    finish: () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)),
    remove: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}

/** 0 to `count` - 1, mixed, the same in every run: the first of them are spread over the whole map. */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function programOf(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  console.error(gl.getProgramInfoLog(program));
  return null;
}

function attribute(
  gl: WebGL2RenderingContext,
  program: WebGLProgram,
  name: string,
  values: Float32Array | Uint8Array,
  width: number,
  type: number,
): WebGLBuffer | null {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  const place = gl.getAttribLocation(program, name);
  gl.enableVertexAttribArray(place);
  gl.vertexAttribPointer(place, width, type, false, 0, 0);
  return buffer;
}
