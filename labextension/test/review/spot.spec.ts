import { describe, expect, it } from 'vitest';

import { choose } from '../../src/review/spot';

const at = (left: string, above: string): { left: string[]; above: string[] } => ({ left: [left], above: [above] });

describe('the spot of a number in an output', () => {
  it('is where it stands alone, whatever its labels', () => {
    expect(choose([at('1', '')], { row: 'Gentoo', column: 'mean' })).toBe(0);
    expect(choose([], { row: 'Gentoo', column: 'mean' })).toBe(-1);
  });

  it('is the one with its labels', () => {
    const found = [at('Adelie', 'mean'), at('Gentoo', 'std'), at('Gentoo', 'mean')];
    expect(choose(found, { row: 'Gentoo', column: 'mean' })).toBe(2);
    expect(choose(found, { row: 'Adelie', column: '' })).toBe(0);
    expect(choose(found, { row: '', column: 'std' })).toBe(1);
  });

  it('is nowhere if several may be meant', () => {
    const found = [at('Gentoo', 'mean'), at('Gentoo', 'mean')];
    expect(choose(found, { row: 'Gentoo', column: 'mean' })).toBe(-1);
    expect(choose(found, { row: '', column: '' })).toBe(-1);
    expect(choose(found, { row: 'Chinstrap', column: 'mean' })).toBe(-1);
  });
});
