/** Renderer of the model's Markdown: without formulas, and sanitized. */

import { Sanitizer } from '@jupyterlab/apputils';
import { IRenderMime, RenderedCommon, RenderMimeRegistry } from '@jupyterlab/rendermime';

import { SANITIZER_OPTIONS, withoutDiagrams } from './sanitizer';

class RenderedReply extends RenderedCommon {
  constructor(options: IRenderMime.IRendererOptions) {
    super(options);
    this.addClass('jp-RenderedHTMLCommon');
    this.addClass('jp-RenderedMarkdown');
  }

  async render(model: IRenderMime.IMimeModel): Promise<void> {
    const text = model.data[this.mimeType] as string;
    if (this.markdownParser) {
      const html = await this.markdownParser.render(withoutDiagrams(text));
      this.node.innerHTML = this.sanitizer.sanitize(html, SANITIZER_OPTIONS);
    } else {
      this.node.textContent = text;
    }
  }
}

/** Return a registry with one renderer, for the model's Markdown. */
export function replyRenderers(markdownParser: IRenderMime.IMarkdownParser | null): RenderMimeRegistry {
  return new RenderMimeRegistry({
    sanitizer: new Sanitizer(),
    markdownParser: markdownParser ?? undefined,
    initialFactories: [
      { safe: true, mimeTypes: ['text/markdown'], createRenderer: options => new RenderedReply(options) }
    ]
  });
}
