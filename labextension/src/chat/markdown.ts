/** How the model's Markdown is shown: by a renderer of our own, which knows no formulas and lets through only text. */

import { Sanitizer } from '@jupyterlab/apputils';
import { IRenderMime, RenderedCommon, RenderMimeRegistry } from '@jupyterlab/rendermime';

import { ALLOWED, undrawn } from './allowed';

class RenderedReply extends RenderedCommon {
  constructor(options: IRenderMime.IRendererOptions) {
    super(options);
    this.addClass('jp-RenderedHTMLCommon');
    this.addClass('jp-RenderedMarkdown');
  }

  async render(model: IRenderMime.IMimeModel): Promise<void> {
    const text = model.data[this.mimeType] as string;
    if (this.markdownParser) {
      const html = await this.markdownParser.render(undrawn(text));
      this.node.innerHTML = this.sanitizer.sanitize(html, ALLOWED);
    } else {
      this.node.textContent = text;
    }
  }
}

/** A registry that knows the model's Markdown and no other type. */
export function replies(markdownParser: IRenderMime.IMarkdownParser | null): RenderMimeRegistry {
  return new RenderMimeRegistry({
    sanitizer: new Sanitizer(),
    markdownParser: markdownParser ?? undefined,
    initialFactories: [
      { safe: true, mimeTypes: ['text/markdown'], createRenderer: options => new RenderedReply(options) }
    ]
  });
}
