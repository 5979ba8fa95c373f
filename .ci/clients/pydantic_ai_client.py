"""Pydantic AI: OpenAIChatModel and OpenAIEmbeddingModel.

A model that is named by the string "openai:…" uses /v1/responses.
"""

from checks import *
from pydantic_ai import Agent, Embedder, NativeOutput, PromptedOutput
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def provider():
    return OpenAIProvider(base_url=BASE_URL, api_key=KEY)


def agent(model=MODEL, **more):
    return Agent(OpenAIChatModel(model, provider=provider()), **more)


class Whole:
    def a_reply_is_whole(self):
        reply = agent(instructions="Be brief.").run_sync("Hello")
        assert "offline stand-in" in reply.output
        assert reply.usage.output_tokens > 1

    async def a_stream_has_the_same_text(self):
        async with agent().run_stream("Hello") as stream:
            pieces = [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]
        assert len(pieces) > 10
        assert "".join(pieces) == (await agent().run("Hello")).output

    def functions_are_called_and_their_results_answered(self):
        seen = []

        def note(city: str, days: int) -> str:
            seen.append(days)
            return get_weather(city, days)

        reply = agent(tools=[note, get_time]).run_sync("Please call note and get_time.")
        assert len(seen) == 1 and "offline stand-in" in reply.output

    def a_call_has_the_form_of_a_class(self):
        assert isinstance(agent(output_type=Goose).run_sync("Hello").output, Goose)

    def a_call_has_the_form_of_a_class_after_other_calls(self):
        reply = agent(output_type=Goose, tools=[get_weather]).run_sync(CALL_WEATHER)
        assert isinstance(reply.output, Goose)

    def a_reply_has_the_form_of_a_class(self):
        for form in NativeOutput(Goose), PromptedOutput(Goose):
            assert isinstance(agent(output_type=form).run_sync("Hello").output, Goose)

    async def a_streamed_call_has_the_form_of_a_class(self):
        async with agent(output_type=Goose).run_stream("Hello") as stream:
            assert isinstance(await stream.get_output(), Goose)

    async def texts_are_embedded(self):
        for model in EMBEDDING_MODELS:
            embedder = Embedder(OpenAIEmbeddingModel(model, provider=provider()))
            result = await embedder.embed_documents(TEXTS)
            expect_vectors(result.embeddings)
            assert result.usage.input_tokens > 1
            assert (await embedder.embed_query(TEXTS[0])).embeddings[0] == result.embeddings[0]

    def an_unknown_model_is_not_found(self):
        error = expect(ModelHTTPError, lambda: agent("goose-1").run_sync("Hello"))
        assert error.status_code == 404

    def an_invalid_field_is_a_bad_request(self):
        error = expect(ModelHTTPError, lambda: agent(model_settings={"max_tokens": 0}).run_sync("Hello"))
        assert error.status_code == 400


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        error = expect_unavailable(ModelHTTPError, lambda: agent(UNAVAILABLE).run_sync("Hello"))
        assert error.status_code == 503

    def a_stream_that_is_left_is_ended(self):
        async def leave():
            async with agent(SLOW_STREAM).run_stream("Hello") as stream:
                async for _ in stream.stream_text(debounce_by=None):
                    await stream.cancel()
                    break

        expect_cancelled(lambda: asyncio.run(leave()))


run("pydantic-ai", Whole, Faults)
