"""LlamaIndex: OpenAI, OpenAILike for models that it does not know, and OpenAIEmbedding."""

import openai
from checks import *
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike

HELLO = [ChatMessage("Hello")]
TOOLS = [FunctionTool.from_defaults(get_weather), FunctionTool.from_defaults(get_time)]


def known(**more):
    """The default model has a name that LlamaIndex knows."""
    return OpenAI(model=MODEL, api_base=BASE_URL, api_key=KEY, **more)


def like(model=MODEL, **more):
    # Without these two it uses /v1/completions, and no tools.
    switches = {"is_chat_model": True, "is_function_calling_model": True}
    return OpenAILike(model=model, api_base=BASE_URL, api_key=KEY, **{**switches, **more})


class Whole:
    def a_reply_is_whole(self):
        for llm in known(), like():
            assert "offline stand-in" in llm.chat(HELLO).message.content
            assert "offline stand-in" in llm.complete("Hello").text

    def a_stream_has_the_same_text(self):
        for llm in known(), like():
            chunks = list(llm.stream_chat(HELLO))
            assert len(chunks) > 10
            assert "".join(chunk.delta or "" for chunk in chunks) == llm.chat(HELLO).message.content

    async def an_asynchronous_stream_has_the_same_text(self):
        chunks = [chunk.delta or "" async for chunk in await known().astream_chat(HELLO)]
        assert "".join(chunks) == (await known().achat(HELLO)).message.content

    def functions_are_called_by_the_client(self):
        for llm in known(), like():
            sources = llm.predict_and_call(TOOLS, CALL_BOTH, allow_parallel_tool_calls=True).sources
            assert [it.tool_name for it in sources] == ["get_weather", "get_time"], sources

    def a_reply_has_the_form_of_a_class(self):
        for llm in known(), like():
            assert isinstance(llm.structured_predict(Goose, PromptTemplate("Hello")), Goose)
            assert isinstance(llm.as_structured_llm(Goose).complete("Hello").raw, Goose)

    async def a_text_is_continued_whole_and_in_a_stream(self):
        llm = like(is_chat_model=False, is_function_calling_model=False)
        whole = llm.complete("Once").text
        assert CONTINUATION in whole
        chunks = list(llm.stream_complete("Once"))
        assert len(chunks) > 10
        assert "".join(chunk.delta for chunk in chunks) == whole
        assert "".join([chunk.delta async for chunk in await llm.astream_complete("Once")]) == whole
        assert CONTINUATION in llm.chat(HELLO).message.content

    async def texts_are_embedded(self):
        for more in {}, {"model": EMBEDDING_MODELS[0]}, {"model_name": EMBEDDING_MODELS[0]}:
            model = OpenAIEmbedding(api_base=BASE_URL, api_key=KEY, **more)
            expect_vectors(model.get_text_embedding_batch(TEXTS))
            expect_vectors(await model.aget_text_embedding_batch(TEXTS))
            assert model.get_query_embedding(TEXTS[0]) == model.get_text_embedding(TEXTS[0])

    def an_unknown_model_is_not_found(self):
        expect(openai.NotFoundError, lambda: like("goose-1").chat(HELLO))

    def an_invalid_field_is_a_bad_request(self):
        expect(openai.BadRequestError, lambda: like(temperature=3, max_tokens=99999).chat(HELLO))


class Faults:
    def an_unavailable_provider_is_reported_after_three_requests(self):
        call = lambda: like(UNAVAILABLE).chat(HELLO)
        expect_unavailable(openai.InternalServerError, call, requests=3)

    def an_asynchronous_stream_that_is_cancelled_is_ended(self):
        # A synchronous one is not: LlamaIndex leaves its response open.
        async def leave():
            async for chunk in await like(SLOW_STREAM).astream_chat(HELLO):
                if chunk.delta:
                    asyncio.current_task().cancel()

        expect_cancelled(lambda: expect(asyncio.CancelledError, lambda: asyncio.run(leave())))


run("llamaindex", Whole, Faults)
