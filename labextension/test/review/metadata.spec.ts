import { describe, expect, it } from 'vitest';

import { IStepMetadata, parseMetadata } from '../../src/review/metadata';

const METADATA: IStepMetadata = {
  proposal: 'p1',
  cell: 'codeact-p1',
  step: 2,
  model: 'm',
  state: 'waits',
  code: 'ax = 1'
};

describe('parseMetadata', () => {
  it('reads what it wrote', () => {
    for (const metadata of [
      METADATA,
      { ...METADATA, edited: true, differs: true, seconds: 2, reason: 'no', record: {} }
    ]) {
      expect(parseMetadata(JSON.parse(JSON.stringify(metadata)))).toEqual(metadata);
    }
  });

  it.each([
    null,
    1,
    'x',
    [],
    {},
    { ...METADATA, state: 'approved' },
    { ...METADATA, step: '1' },
    { ...METADATA, cell: 1 }
  ])('refuses %j', value => {
    expect(parseMetadata(value)).toBeNull();
  });

  it('drops what it does not know', () => {
    expect(parseMetadata({ ...METADATA, nonce: 'n', edited: 'yes', differs: 1 })).toEqual(METADATA);
  });
});
