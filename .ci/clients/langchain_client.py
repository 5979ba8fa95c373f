"""LangChain: ChatOpenAI, OpenAI and OpenAIEmbeddings of langchain-openai."""

import openai
import tiktoken
from checks import *
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings


def chat(model=MODEL, **more):
    return ChatOpenAI(model=model, base_url=BASE_URL, api_key=KEY, **more)


def text(**more):
    return OpenAI(model=MODEL, base_url=BASE_URL, api_key=KEY, **more)


def embeddings(**more):
    return OpenAIEmbeddings(base_url=BASE_URL, api_key=KEY, **more)


class Whole:
    def a_reply_is_whole(self):
        reply = chat().invoke("Hello")
        assert "offline stand-in" in reply.text
        assert reply.usage_metadata["output_tokens"] > 1

    def a_stream_has_the_same_text(self):
        chunks = list(chat().stream("Hello"))
        assert len(chunks) > 10
        assert "".join(chunk.text for chunk in chunks) == chat().invoke("Hello").text

    async def an_asynchronous_stream_has_the_same_text(self):
        chunks = [chunk.text async for chunk in chat().astream("Hello")]
        assert "".join(chunks) == (await chat().ainvoke("Hello")).text

    def functions_are_called_and_their_results_answered(self):
        # LangChain sends tools of models named gpt-6 to /v1/responses unless it is asked not to.
        bound = chat(use_responses_api=False).bind_tools([tool(get_weather), tool(get_time)])
        call = bound.invoke(CALL_BOTH)
        assert [it["name"] for it in call.tool_calls] == ["get_weather", "get_time"], call
        results = [tool(globals()[it["name"]]).invoke(it) for it in call.tool_calls]
        assert "offline stand-in" in bound.invoke([("user", CALL_BOTH), call, *results]).text

    def functions_are_called_in_a_stream(self):
        bound = chat(use_responses_api=False).bind_tools([tool(get_weather), tool(get_time)])
        first, *others = bound.stream(CALL_BOTH)
        whole = sum(others, first)
        assert [it["name"] for it in whole.tool_calls] == ["get_weather", "get_time"], whole

    def a_reply_has_the_form_of_a_class(self):
        assert isinstance(chat().with_structured_output(Goose).invoke("Hello"), Goose)

    def a_streamed_reply_has_the_form_of_a_class(self):
        assert isinstance(list(chat().with_structured_output(Goose).stream("Hello"))[-1], Goose)

    def a_call_has_the_form_of_a_class(self):
        structured = chat(use_responses_api=False).with_structured_output(Goose, method="function_calling")
        assert isinstance(structured.invoke("Hello"), Goose)

    def a_text_is_continued_whole_and_in_a_stream(self):
        whole = text().invoke("Once")
        assert CONTINUATION in whole
        chunks = list(text().stream("Once"))
        assert len(chunks) > 10
        assert "".join(chunks) == whole

    def texts_of_a_batch_are_continued_one_by_one(self):
        # LangChain sends up to 20 prompts in a request unless it is asked not to.
        whole = text().invoke("Once")
        expect(openai.BadRequestError, lambda: text().batch(["Once", "Twice"]))
        assert text(batch_size=1).batch(["Once", "Twice"]) == [whole, whole]

    async def texts_are_embedded(self):
        for more in {}, *({"model": model} for model in EMBEDDING_MODELS):
            model = embeddings(check_embedding_ctx_length=False, **more)
            expect_vectors(model.embed_documents(TEXTS))
            assert await model.aembed_query(TEXTS[0]) == model.embed_query(TEXTS[0])

    def token_ids_are_embedded(self):
        # LangChain's default. It would download the model's encoding: here each byte is a token.
        encoding = tiktoken.Encoding("bytes", pat_str="(?s).", special_tokens={},
                                     mergeable_ranks={bytes([byte]): byte for byte in range(256)})
        tiktoken.encoding_for_model = lambda name: encoding
        expect_vectors(embeddings().embed_documents(TEXTS))

    def an_unknown_model_is_not_found(self):
        expect(openai.NotFoundError, lambda: chat("goose-1").invoke("Hello"))

    def an_invalid_field_is_a_bad_request(self):
        expect(openai.BadRequestError, lambda: chat(max_tokens=0).invoke("Hello"))


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        expect_unavailable(openai.InternalServerError, lambda: chat(UNAVAILABLE).invoke("Hello"))

    def a_stream_that_is_left_is_ended(self):
        def leave():
            stream = chat(SLOW_STREAM).stream("Hello")
            next(chunk for chunk in stream if chunk.text)
            stream.close()

        expect_cancelled(leave)


run("langchain", Whole, Faults)
