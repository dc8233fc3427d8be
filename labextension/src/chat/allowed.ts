/**
 * What of the model's Markdown is shown: what text is made of and nothing else. Nothing in it loads, runs, or can be
 * clicked; no attribute survives, so that it cannot dress up as a control either.
 */

import { IRenderMime } from '@jupyterlab/rendermime';

export const ALLOWED: IRenderMime.ISanitizerOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li', 'pre', 'code', 'kbd'],
    ...['strong', 'b', 'em', 'i', 'del', 's', 'sub', 'sup', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
  ],
  allowedAttributes: {}
};

/** A diagram would be drawn as an image, of which nothing is left: its text is shown. */
export function undrawn(markdown: string): string {
  return markdown.replace(/^([ \t>]*(?:`{3,}|~{3,})[ \t]*)mermaid/gim, '$1text');
}
