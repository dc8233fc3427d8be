import { Sanitizer } from '@jupyterlab/apputils/lib/sanitizer';
import { describe, expect, it } from 'vitest';

import { SANITIZER_OPTIONS, withoutDiagrams } from '../../src/chat/sanitizer';

const clean = (html: string): string => new Sanitizer().sanitize(html, SANITIZER_OPTIONS);

describe('the markup of a reply', () => {
  it('is kept where it is text', () => {
    const html = '<p><strong>5,076 g</strong> in <code>df</code></p><ul><li>a</li></ul>';
    expect(clean(html)).toBe(html);
  });

  it.each([
    '<img src="https://evil.example/x.png">',
    '<picture><source srcset="https://evil.example/x"></picture>',
    '<video src="https://evil.example/x"></video>',
    '<audio src="https://evil.example/x"></audio>',
    '<iframe src="https://evil.example/x"></iframe>',
    '<object data="https://evil.example/x"></object>',
    '<embed src="https://evil.example/x">',
    '<link rel="stylesheet" href="https://evil.example/x">',
    '<style>@import "https://evil.example/x"</style>',
    '<svg><image href="https://evil.example/x"/></svg>',
    '<math href="https://evil.example/x"></math>',
    '<form action="https://evil.example/x"><input><button></button></form>',
    '<script>fetch("https://evil.example/x")</script>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/x">',
    '<base href="https://evil.example/x">'
  ])('loses %s', html => {
    expect(clean(html)).toBe('');
  });

  it('has links as plain text', () => {
    expect(clean('<a href="https://evil.example/x" data-commandlinker-command="run">here</a>')).toBe('here');
  });

  it('has no attributes', () => {
    const html = '<p onclick="x()" onerror="x()" style="background:url(//evil.example)" class="jp-Dialog" id="a">t</p>';
    expect(clean(html)).toBe('<p>t</p>');
  });

  it('has no button that looks like ours', () => {
    expect(clean('<button class="jp-CodeAct-button">Run</button>')).toBe('Run');
  });

  it('draws no diagrams', () => {
    expect(withoutDiagrams('```mermaid\ngraph TD\n```\n~~~ Mermaid\n> ```mermaid')).toBe(
      '```text\ngraph TD\n```\n~~~ text\n> ```text'
    );
    expect(withoutDiagrams('a mermaid')).toBe('a mermaid');
  });
});
