/** The layers of `src/`, as in `docs/extension.md`. Every import counts, type-only ones too. */

import ts from 'typescript';
import { expect, test } from 'vitest';

/** From the top down. A file imports from its own folder and from lower layers, not from its neighbours. */
const LAYERS = [[''], ['cells', 'chat'], ['shell'], ['review'], ['kernel']];
/** Of a file; the generated one is as long as the schema makes it. */
const MAX_LINES = 300;
const GENERATED = 'kernel/protocol.ts';

const SRC = new URL('../src/', import.meta.url).pathname;
const FILES = ts.sys.readDirectory(SRC, ['.ts', '.tsx']).map(path => path.slice(SRC.length));
const PAGE = ts.sys.readFile(new URL('../../docs/extension.md', import.meta.url).pathname) ?? '';

/** The files of `src/` that each file imports. */
const IMPORTS = new Map(FILES.map(name => [name, importsOf(name, read(name))]));

function read(name: string): string {
  return ts.sys.readFile(SRC + name) ?? '';
}

function importsOf(name: string, text: string): string[] {
  const own = ts.preProcessFile(text).importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
  return own.map(({ fileName }) => {
    const path = new URL(fileName, `file://${SRC}${name}`).pathname.slice(SRC.length);
    return FILES.find(file => file === `${path}.ts` || file === `${path}.tsx`) ?? `not in src/: ${fileName}`;
  });
}

function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function layerOf(name: string): number {
  return LAYERS.findIndex(folders => folders.includes(folderOf(name)));
}

test('an import is found in each of its forms', () => {
  const forms = [
    "import { a } from './model'",
    "import './model'",
    "import type { A } from './model'",
    "import { type A } from './model'",
    "export * from './model'",
    "export type { A } from './model'",
    "const a = import('./model')",
    "type A = import('./model').A"
  ];
  expect(forms.filter(text => importsOf('chat/view.tsx', text).join() !== 'chat/model.ts')).toEqual([]);
});

test('every file has its layer, and imports from its folder and lower layers only', () => {
  expect(FILES.filter(name => layerOf(name) < 0)).toEqual([]);
  const wrong = [...IMPORTS].flatMap(([name, imports]) =>
    imports
      .filter(other => folderOf(other) !== folderOf(name) && layerOf(other) <= layerOf(name))
      .map(other => [name, other])
  );
  expect(wrong).toEqual([]);
});

test('no files import each other in a circle', () => {
  const left = new Map(IMPORTS);
  for (let free = [...left.keys()]; free.length > 0;) {
    free = [...left].filter(([, imports]) => !imports.some(other => left.has(other))).map(([name]) => name);
    free.forEach(name => left.delete(name));
  }
  expect([...left.keys()]).toEqual([]);
});

test.each(FILES)('%s is short and has its place in docs/extension.md', name => {
  const lines = read(name).trimEnd().split('\n').length;
  expect(name === GENERATED ? 0 : lines).toBeLessThanOrEqual(MAX_LINES);
  expect(PAGE).toContain(`\`${name}\``);
});
