// Where one looks at the graph from: what is in view, how near, and how it moves.

export class Camera {
  k = 1;
  x = 0;
  y = 0;
  /** Until somebody moves, a window that changes its size is filled again. */
  isFitted = false;

  constructor(element, { onChange, onMove }) {
    Object.assign(this, { element, onChange, onMove });
  }

  get size() {
    return [this.element.clientWidth || 800, this.element.clientHeight || 500];
  }

  /** What is seen, in the graph's own measure: left, top, right, bottom. */
  get seen() {
    const [w, t] = this.size;
    return [-this.x / this.k, -this.y / this.k, (w - this.x) / this.k, (t - this.y) / this.k];
  }

  /**
   * Shows these nodes; `isPart` when they are some among others.
   * Where few nodes would be too small to read, it shows `anchor` and what is around it instead.
   */
  fit(nodes, { isPart = false, anchor = null } = {}) {
    if (!nodes.length) return;
    let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const n of nodes) {
      x1 = Math.min(x1, n.x);
      y1 = Math.min(y1, n.y);
      x2 = Math.max(x2, n.x + n.width);
      y2 = Math.max(y2, n.y + n.height);
    }
    // Beside the panel on what is picked, not behind it; above it in a narrow window.
    const [full, tall] = this.size,
      panel = this.element.parentElement?.querySelector(".l-panel"),
      isBeside = panel && panel.offsetWidth < full / 2,
      w = isBeside ? full - panel.offsetWidth - 14 : full,
      t = panel && !isBeside ? tall - panel.offsetHeight - 8 : tall,
      pad = 36;
    const both = Math.min((w - pad * 2) / (x2 - x1), (t - pad * 2) / (y2 - y1)),
      wide = (w - pad * 2) / (x2 - x1);
    // A graph much taller than the window begins at its top, as wide as fits.
    this.k = isPart
      ? Math.min(1.1, Math.max(both, 0.3))
      : Math.min(1.1, both < 0.12 ? Math.max(both, Math.min(wide, 0.6)) : both);
    this.x = (w - (x2 - x1) * this.k) / 2 - x1 * this.k;
    this.y = (y2 - y1) * this.k > t ? pad - y1 * this.k : (t - (y2 - y1) * this.k) / 2 - y1 * this.k;
    if (anchor && this.k < NEAR && nodes.length <= FEW) {
      this.k = READABLE;
      this.x = between(pad, w - pad, x1, x2, anchor.x + anchor.width / 2, this.k);
      this.y = between(pad, t - pad, y1, y2, anchor.y + anchor.height / 2, this.k);
    }
    this.isFitted = true;
    this.onChange();
  }

  to(k, x, y) {
    [this.k, this.x, this.y] = [k, x, y];
    this.#moved();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#moved();
  }

  zoom(by, cx, cy) {
    const [w, t] = this.size;
    cx ??= w / 2;
    cy ??= t / 2;
    const k = Math.max(0.004, Math.min(2.5, this.k * by));
    this.x = cx - ((cx - this.x) * k) / this.k;
    this.y = cy - ((cy - this.y) * k) / this.k;
    this.k = k;
    this.#moved();
  }

  /** Moves to a node that is out of sight, and up to it where names could not be read. */
  reveal(n) {
    const [w, t] = this.size;
    if (this.k < NEAR) this.k = 0.9;
    const sx = n.x * this.k + this.x,
      sy = n.y * this.k + this.y;
    if (sx < 20 || sy < 20 || sx + n.width * this.k > w - 20 || sy + n.height * this.k > t - 20) {
      this.x = w / 2 - (n.x + n.width / 2) * this.k;
      this.y = t / 2 - (n.y + n.height / 2) * this.k;
    }
    this.#moved();
  }

  #moved() {
    this.isFitted = false;
    this.onChange();
    this.onMove?.(this.k, this.x, this.y);
  }
}

/** From here on a node is near enough to read its name. */
export const NEAR = 0.42;

const READABLE = 0.66,
  FEW = 60;

/** Where to put a line from `low` to `high` so that `middle` is in the middle, and no room is wasted at its ends. */
function between(from, to, low, high, middle, k) {
  if ((high - low) * k <= to - from) return (from + to) / 2 - ((low + high) / 2) * k;
  return Math.min(from - low * k, Math.max(to - high * k, (from + to) / 2 - middle * k));
}
