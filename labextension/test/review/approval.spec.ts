import { expect, it, vi } from 'vitest';

import { sha256 } from '../../src/review/approval';

// Needs a browser.
vi.mock('@jupyterlab/cells', () => ({}));

it.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['größe = "≤ 5 €"\r\n\t😀', '464991ca98227d65cb881a87922ad1d76dc414446b9fee53ab3768df49551241']
])('of %j is that of its UTF-8', (text, digest) => {
  expect(sha256(text)).toBe(digest);
});
