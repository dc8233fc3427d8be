/** Renderer of the model's Markdown: without formulas, sanitized, and with the numbers of an answer marked. */

import { IMimeModelBody } from '@jupyter/chat';
import { Sanitizer } from '@jupyterlab/apputils';
import { IRenderMime, RenderedCommon, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { ReadonlyJSONArray } from '@lumino/coreutils';

import { INumber } from '../kernel/protocol';
import { IOutputs, markNumbers } from './numbers';
import { SANITIZER_OPTIONS, withoutDiagrams } from './sanitizer';

const MARKDOWN = 'text/markdown';

class RenderedReply extends RenderedCommon {
  constructor(
    options: IRenderMime.IRendererOptions,
    private _outputs: IOutputs
  ) {
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
    markNumbers(this.node, (model.metadata.numbers ?? []) as unknown as INumber[], this._outputs);
  }
}

/** Return the text of an answer with its numbers, as the renderer takes them. */
export function replyBundle(text: string, numbers: INumber[]): IMimeModelBody {
  return { data: { [MARKDOWN]: text }, metadata: { numbers: numbers as unknown as ReadonlyJSONArray } };
}

/** Return a registry with one renderer, for the model's Markdown. */
export function replyRenderers(
  markdownParser: IRenderMime.IMarkdownParser | null,
  outputs: IOutputs
): RenderMimeRegistry {
  return new RenderMimeRegistry({
    sanitizer: new Sanitizer(),
    markdownParser: markdownParser ?? undefined,
    initialFactories: [
      { safe: true, mimeTypes: [MARKDOWN], createRenderer: options => new RenderedReply(options, outputs) }
    ]
  });
}
