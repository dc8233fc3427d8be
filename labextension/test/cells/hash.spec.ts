import { createHash } from 'node:crypto';

import { expect, it } from 'vitest';

import { sha256 } from '../../src/cells/hash';

it.each(['', 'x = 1', 'größe = "≤ 5 €"\r\n\t', '😀'.repeat(5000)])('is the sha256 of the UTF-8 text', text => {
  expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
});
