"""The vocabulary and the chat template of a loaded model, over llama.cpp's C functions."""

from __future__ import annotations

import ctypes
from typing import Any

from ..dialects import thoughts
from .template import ChatTemplate, TemplateFailed, TemplateRefused, learn_template


class Vocabulary:
    """Tokenizer of a loaded model. For any thread.

    Args:
        lib: the bindings, `llama_cpp`.
        model: pointer to the model; must outlive this object.

    Attributes:
        bos: token that opens a prompt, as text; empty if the model wants none.
        size: number of tokens.
    """

    def __init__(self, lib: Any, model: Any) -> None:
        self._lib = lib
        self._model = model
        self._vocabulary = lib.llama_model_get_vocab(model)
        # A SentencePiece vocabulary puts a space before any text, and so would put one before each content.
        self._adds_space = lib.llama_vocab_type(self._vocabulary) == lib.LLAMA_VOCAB_TYPE_SPM
        self.size: int = lib.llama_vocab_n_tokens(self._vocabulary)
        has_bos = lib.llama_vocab_get_add_bos(self._vocabulary)
        self.bos = self._text(lib.llama_vocab_bos(self._vocabulary)) if has_bos else ""

    def own_template(self) -> tuple[ChatTemplate | None, str | None]:
        """Read the file's chat template.

        Returns:
            The template and None; or None, for ChatML, and the reason as part of a sentence.

        Raises:
            TemplateRefused: there is no template that can be used, and the vocabulary has no ChatML; or the template
                could not be rendered here.
        """
        source = self._lib.llama_model_chat_template(self._model, None)
        bos, eos = (
            self._text(token)
            for token in (self._lib.llama_vocab_bos(self._vocabulary), self._lib.llama_vocab_eos(self._vocabulary))
        )
        try:
            if source:
                return learn_template(source.decode("utf-8", "replace"), bos=bos, eos=eos), None
            reason = "the file has no chat template"
        except TemplateFailed as error:
            raise TemplateFailed(f"its chat template was not read, for {error} (try again)") from error
        except TemplateRefused as error:
            reason = f"the file's chat template is not used, for {error}"
        if all(len(self._tokenize(tag, True)) == 1 for tag in ("<|im_start|>", "<|im_end|>")):
            return None, f"{reason}, so ChatML is used"
        raise TemplateRefused(f"{reason}, and its vocabulary has no ChatML")

    def tokenize(self, text: str, special: bool) -> list[int]:
        """Convert text to token ids.

        Args:
            text: the text.
            special: recognise special tokens in it.

        Returns:
            The ids.
        """
        if not self._adds_space:
            return self._tokenize(text, special)
        lead = self._tokenize("\n", False)
        return self._tokenize("\n" + text, special)[len(lead) :]

    def _text(self, token: int) -> str:
        """Return a token as the file spells it; empty if there is no such token."""
        spelt = self._lib.llama_vocab_get_text(self._vocabulary, token) if token >= 0 else b""
        return str(spelt.decode("utf-8", "replace"))

    def _tokenize(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        size = len(data) + 2  # each token has a byte at least; one more for the space before the text
        ids = (self._lib.llama_token * size)()
        count = self._lib.llama_tokenize(self._vocabulary, data, len(data), ids, size, False, special)
        return list(ids[:count])

    def spelling(self, token: int) -> bytes:
        """Return the bytes of a token.

        Args:
            token: its id.

        Returns:
            The bytes; empty for a control token, unless it marks a thought.
        """
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count: int = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
            if count == 0 and (mark := self._text(token)) in thoughts.MARKS:
                return mark.encode()
            if count >= 0:
                return buffer.raw[:count]
            size = -count

    def is_end(self, token: int) -> bool:
        """Return True for a token that ends a reply, by the file.

        Args:
            token: its id.

        Returns:
            False for all other tokens.
        """
        return bool(self._lib.llama_vocab_is_eog(self._vocabulary, token))
