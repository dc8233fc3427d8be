/** The examples in `tests/fixtures` have the types of the protocol, and there is one of every message. */

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import { FromKernel, isFromKernel, Item, ToKernel } from '../../src/kernel/protocol';
import examples from '../../../tests/fixtures/protocol.json';

// Each of these must name every member of its union, or the type check fails.
const FROM_KERNEL: Record<FromKernel['type'], true> = {
  snapshot: true,
  item: true,
  status: true,
  stream: true,
  pending: true,
  reply: true
};
const TO_KERNEL: Record<ToKernel['type'], true> = {
  attach: true,
  ask: true,
  reject: true,
  undo: true,
  stop: true,
  reset: true,
  continue: true,
  set: true,
  placed: true,
  missing: true,
  names: true,
  models: true,
  pause: true,
  cancel: true,
  earlier: true,
  reopen: true
};
const ITEMS: Record<Item['kind'], true> = { question: true, step: true, answer: true, ending: true, note: true };

describe('the examples in tests/fixtures/protocol.json', { timeout: 60_000 }, () => {
  test('hold every message in both directions, and every kind of item', () => {
    const types = (messages: { type: string }[]): Set<string> => new Set(messages.map(message => message.type));
    expect(types(examples.fromKernel)).toEqual(new Set(Object.keys(FROM_KERNEL)));
    expect(types(examples.toKernel)).toEqual(new Set(Object.keys(TO_KERNEL)));
    const kinds = examples.fromKernel.flatMap(message =>
      'item' in message && message.item ? [message.item.kind] : []
    );
    expect(new Set(kinds)).toEqual(new Set(Object.keys(ITEMS)));
  });

  test('have the fields and types of protocol.ts, and no others', () => {
    expect(typeErrors('FromKernel', examples.fromKernel)).toEqual([]);
    expect(typeErrors('ToKernel', examples.toKernel)).toEqual([]);
  });

  test('would fail the check with a field too many, one missing, or one of another type', () => {
    const wrong = [{ type: 'names', prefix: 'm', force: true }, { type: 'names' }, { type: 'names', prefix: 7 }];
    expect(typeErrors('ToKernel', wrong)).toHaveLength(wrong.length);
  });
});

describe('isFromKernel', () => {
  test('accepts every message of the kernel', () => {
    expect(examples.fromKernel.filter(message => !isFromKernel(message))).toEqual([]);
  });

  test.each([null, undefined, 'snapshot', 7, [[]], {}, { type: 'attach' }, { type: 7 }])('refuses %j', data => {
    expect(isFromKernel(data)).toBe(false);
  });
});

/** Return the compiler's errors for the messages, as a literal of a type of protocol.ts. */
function typeErrors(type: 'FromKernel' | 'ToKernel', messages: object[]): string[] {
  const file = new URL('../../src/kernel/examples.ts', import.meta.url).pathname;
  const text = `import { ${type} } from './protocol'; export const all: ${type}[] = ${JSON.stringify(messages)};`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    lib: ['lib.es2022.d.ts'],
    types: [],
    skipLibCheck: true
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) => (name === file ? ts.createSourceFile(name, text, target) : read(name, target));
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(diagnostic => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
