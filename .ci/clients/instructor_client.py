"""instructor around OpenAI's client, in its default mode: a call of a function."""

import instructor
from checks import *
from instructor.core import InstructorRetryException
from openai import OpenAI

HELLO = [{"role": "user", "content": "Hello"}]


def ask(model=MODEL, **more):
    return instructor.from_openai(OpenAI(base_url=BASE_URL, api_key=KEY), **more), {"model": model, "messages": HELLO}


class Whole:
    def a_call_has_the_form_of_a_class(self):
        client, request = ask()
        assert isinstance(client.create(response_model=Goose, **request), Goose)

    def a_provider_by_name_works_too(self):
        client = instructor.from_provider(f"openai/{MODEL}", base_url=BASE_URL, api_key=KEY)
        assert isinstance(client.create(response_model=Goose, messages=HELLO), Goose)

    def a_streamed_call_has_the_form_of_a_class(self):
        client, request = ask()
        *_, last = client.create_partial(response_model=Goose, **request)
        Goose.model_validate(last.model_dump())

    def a_reply_has_the_form_of_a_class(self):
        for mode in instructor.Mode.JSON, instructor.Mode.JSON_SCHEMA:
            client, request = ask(mode=mode)
            assert isinstance(client.create(response_model=Goose, **request), Goose)

    def a_reply_without_a_class_is_whole(self):
        client, request = ask()
        reply = client.create(response_model=None, **request)
        assert "offline stand-in" in reply.choices[0].message.content

    def an_unknown_model_is_not_found(self):
        client, request = ask("goose-1")
        error = expect(InstructorRetryException, lambda: client.create(response_model=Goose, **request))
        assert "404" in str(error)

    def an_invalid_field_is_a_bad_request(self):
        client, request = ask()
        call = lambda: client.create(response_model=Goose, max_tokens=0, **request)
        assert "400" in str(expect(InstructorRetryException, call))


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        client, request = ask(UNAVAILABLE)
        call = lambda: client.create(response_model=Goose, **request)
        assert "503" in str(expect_unavailable(InstructorRetryException, call))

    def a_stream_that_is_left_is_ended(self):
        def leave():
            client, request = ask(SLOW_STREAM)
            with client.create(response_model=None, stream=True, **request) as stream:
                next(chunk for chunk in stream if chunk.choices[0].delta.content)

        expect_cancelled(leave)


run("instructor", Whole, Faults)
