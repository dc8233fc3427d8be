import { afterEach, describe, expect, it, vi } from 'vitest';

import { DWELL, ISpan, IView, Reading, Seen } from '../../src/review/reading';

type Look = Omit<IView, 'mark'>;

const CODE = 'means = df.mean()';

/** Return the view of an element of 200 pixels at `top`, in a window of `height` pixels. */
function view(top: number, height = 1000, change: Partial<Look> = {}): Look {
  const whole: ISpan = { top, bottom: top + 200 };
  const shown = { top: Math.max(top, 0), bottom: Math.min(top + 200, height) };
  return { whole, shown: shown.bottom > shown.top ? shown : null, code: CODE, isTyped: false, ...change };
}

/** Note each view for as long as it takes to read it. */
function seen(...views: Look[]): Seen {
  const all = new Seen();
  let now = 0;
  for (const each of views) {
    all.note(each, now);
    all.note(each, (now += DWELL));
  }
  return all;
}

describe('Seen', () => {
  it('is whole once all was in view for the dwell', () => {
    const all = new Seen();
    all.note(view(10), 0);
    all.note(view(10), DWELL - 1);
    expect(all.isWhole).toBe(false);
    all.note(view(10), DWELL);
    expect(all.isWhole).toBe(true);
  });

  it('starts again when it moves', () => {
    const all = new Seen();
    all.note(view(10), 0);
    all.note(view(60), DWELL);
    expect(all.isWhole).toBe(false);
    all.note(view(60), 2 * DWELL);
    expect(all.isWhole).toBe(true);
  });

  it.each([
    ['its end', view(-150)],
    ['its beginning', view(900)],
    ['all of it', view(2000)]
  ])('is not whole while %s is out of view', (_, hidden) => {
    expect(seen(hidden).isWhole).toBe(false);
  });

  it('adds up what was seen at several places of scrolling', () => {
    expect(seen(view(0, 120), view(-90, 120)).isWhole).toBe(true);
    expect(seen(view(0, 80), view(-110, 80)).isWhole).toBe(false); // the part from 80 to 110 never
  });

  it('stays whole when it is scrolled away', () => {
    expect(seen(view(10), view(-500)).isWhole).toBe(true);
  });

  it('is read again after a change, but by who typed it', () => {
    const changed = { code: `${CODE}\nexit()`, whole: { top: 10, bottom: 230 }, shown: { top: 10, bottom: 230 } };
    const all = seen(view(10));
    all.note(view(10, 1000, changed), 10 * DWELL);
    expect(all.isWhole).toBe(false);
    const typed = seen(view(10));
    typed.note(view(10, 1000, { ...changed, isTyped: true }), 10 * DWELL);
    expect(typed.isWhole).toBe(true);
  });

  it('is read again when more of it appears, such as an opened trial', () => {
    const all = seen(view(10));
    const grown = { top: 10, bottom: 400 };
    all.note(view(10, 1000, { whole: grown, shown: grown }), 10 * DWELL);
    expect(all.isWhole).toBe(false);
    all.note(view(10, 1000, { whole: grown, shown: grown }), 11 * DWELL);
    expect(all.isWhole).toBe(true);
  });

  it('is not whole where nothing is shown', () => {
    const empty = { top: 10, bottom: 10 };
    expect(seen(view(10, 1000, { whole: empty, shown: empty })).isWhole).toBe(false);
  });
});

describe('Reading', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('takes its mark away when it stops, and marks again only what was read again', () => {
    vi.useFakeTimers();
    vi.stubGlobal('window', { setInterval, clearInterval });
    vi.stubGlobal('document', { visibilityState: 'visible' });
    const marks = new Set<string>();
    const mark = {
      toggleAttribute: (name: string, isSet: boolean) => (isSet ? marks.add(name) : marks.delete(name)),
      removeAttribute: (name: string) => marks.delete(name)
    } as unknown as HTMLElement;
    const reading = new Reading(() => ({ ...view(10), mark }));
    reading.start();
    vi.advanceTimersByTime(2 * DWELL);
    expect(marks).toEqual(new Set(['data-read']));
    expect(reading.isDone).toBe(true);
    reading.stop();
    expect(marks).toEqual(new Set());
    reading.start();
    expect(reading.isDone).toBe(false);
    vi.advanceTimersByTime(2 * DWELL);
    expect(marks).toEqual(new Set(['data-read']));
    reading.stop();
  });
});
