// Short messages at the edge of the window.
export interface Toast {
  readonly key: number;
  readonly text: string;
  readonly bad: boolean;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const SHOWN_MS = 6000;
let made = 0;

export const toasts = $state<Toast[]>([]);

/** Says something for some seconds; with an action (undo) for longer. */
export function say(text: string, { bad = false, action = null as Toast['action'] } = {}): void {
  const said = { key: (made += 1), text, bad, action };
  const same = toasts.findIndex((toast) => toast.text === text);
  if (same >= 0) toasts.splice(same, 1);
  toasts.push(said);
  setTimeout(() => unsay(said.key), action ? SHOWN_MS * 2 : SHOWN_MS);
}

export function unsay(key: number): void {
  const at = toasts.findIndex((toast) => toast.key === key);
  if (at >= 0) toasts.splice(at, 1);
}
