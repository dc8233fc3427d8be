/**
 * Sanitizer of the model's Markdown. It keeps the elements of formatted text: nothing loads, runs or can be clicked.
 * It keeps no attributes, so that a reply cannot look like a control.
 */

import { IRenderMime } from '@jupyterlab/rendermime';

export const SANITIZER_OPTIONS: IRenderMime.ISanitizerOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li', 'pre', 'code', 'kbd'],
    ...['strong', 'b', 'em', 'i', 'del', 's', 'sub', 'sup', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
  ],
  allowedAttributes: {}
};

/** Turn Mermaid diagrams into plain code blocks: the image of a diagram would be removed, and its text with it. */
export function withoutDiagrams(markdown: string): string {
  return markdown.replace(/^([ \t>]*(?:`{3,}|~{3,})[ \t]*)mermaid/gim, '$1text');
}
