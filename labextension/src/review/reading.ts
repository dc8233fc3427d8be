/** Tells whether code was read before it is approved: all of it was in view, unmoved, for a moment at least. */

/** Time for which a part must be in view without moving, in milliseconds. */
export const DWELL = 250;
const INTERVAL = 50;
/** Pixels that may be hidden at an edge: borders, and what rounding leaves. */
const TOLERANCE = 3;
/** Part of the height by which it may change while the same code is shown: editors measure lines as they come into view. */
const MEASURED = 0.05;

/** A place on the page, in pixels from the top of the window. */
export interface ISpan {
  top: number;
  bottom: number;
}

/** What the user sees of an element. */
export interface IView {
  /** The element, of which parts may be out of view. */
  whole: ISpan;
  /** Its part in view; null if there is none. */
  shown: ISpan | null;
  /** The code in it. */
  code: string;
  /** True if the user is typing in it, and so sees what changes. */
  isTyped: boolean;
  /** Has the attribute `data-read` while all of it was read. */
  mark: HTMLElement;
}

/** Collects the parts of an element that were in view long enough, over several places of scrolling. */
export class Seen {
  /** True if these parts are all of the element. */
  get isWhole(): boolean {
    return this._isWhole;
  }

  /** Note what is in view now; `now` is a time in milliseconds. */
  note(view: Omit<IView, 'mark'>, now: number): void {
    const last = this._last;
    const height = view.whole.bottom - view.whole.top;
    const grown = last ? Math.abs(height / (last.whole.bottom - last.whole.top) - 1) : 0;
    const hasChanged = last && (last.code !== view.code || !(grown <= MEASURED));
    if (hasChanged && !(this._isWhole && view.isTyped)) {
      this._parts = [];
      this._isWhole = false;
    }
    if (!last || hasChanged || last.whole.top !== view.whole.top || !isSame(last.shown, view.shown)) {
      this._since = now;
    } else if (view.shown && now - this._since >= DWELL) {
      const { top } = view.whole;
      this._parts.push({ top: (view.shown.top - top) / height, bottom: (view.shown.bottom - top) / height });
      this._isWhole ||= covers(this._parts, TOLERANCE / height);
      this._since = now;
    }
    this._last = view;
  }

  /** Parts of the height. */
  private _parts: ISpan[] = [];
  private _isWhole = false;
  private _last: Omit<IView, 'mark'> | null = null;
  /** Time since which nothing has moved. */
  private _since = 0;
}

/**
 * Watches what the user sees of an element until the watch is stopped. It samples: no event tells of every move, and an
 * element taller than the view can be scrolled without a change of the part that is in view.
 */
export class Reading {
  /** `_look()` returns what is in view; null if the element is not on the page. */
  constructor(private _look: () => IView | null) {}

  /** True if all of the element was in view for long enough, it has not changed since, and it is in view now. */
  get isDone(): boolean {
    return this._note() && this._seen.isWhole;
  }

  start(): void {
    this._timer ??= window.setInterval(() => this._note(), INTERVAL);
  }

  /** Stop, and forget what was seen. */
  stop(): void {
    window.clearInterval(this._timer);
    this._timer = undefined;
    this._seen = new Seen();
    this._mark?.removeAttribute('data-read');
    this._mark = null;
  }

  /** Note what is in view. Return false if nothing is. */
  private _note(): boolean {
    const view = document.visibilityState === 'visible' ? this._look() : null;
    if (view) {
      this._seen.note(view, performance.now());
      this._mark = view.mark;
      view.mark.toggleAttribute('data-read', this._seen.isWhole);
    }
    return !!view?.shown;
  }

  private _seen = new Seen();
  private _mark: HTMLElement | null = null;
  private _timer: number | undefined;
}

/** Return the part of a span that none of the elements around `node` hides by scrolling; null if there is none. */
export function shownPart(node: Element, { top, bottom }: ISpan): ISpan | null {
  let shown: ISpan = { top: Math.max(top, 0), bottom: Math.min(bottom, window.innerHeight) };
  // The body's own overflow is that of the window.
  for (let parent = node.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
    if (getComputedStyle(parent).overflowY !== 'visible') {
      const view = parent.getBoundingClientRect();
      shown = { top: Math.max(shown.top, view.top), bottom: Math.min(shown.bottom, view.bottom) };
    }
  }
  return shown.bottom > shown.top ? shown : null;
}

/** True if the parts, of a height of 1, leave out no more than `tolerance` at a time. */
function covers(parts: ISpan[], tolerance: number): boolean {
  let seen = tolerance;
  for (const { top, bottom } of [...parts].sort((one, other) => one.top - other.top)) {
    if (top > seen) {
      return false;
    }
    seen = Math.max(seen, bottom);
  }
  return seen >= 1 - tolerance;
}

function isSame(one: ISpan | null, other: ISpan | null): boolean {
  return one === other || (!!one && !!other && one.top === other.top && one.bottom === other.bottom);
}
