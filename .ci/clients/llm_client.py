"""The `llm` command: `llm openai endpoint`, models that are named in its configuration, and `llm embed`."""

import subprocess
import tempfile
from pathlib import Path

from checks import *

COMMAND = Path(sys.executable).parent / "llm"
HOME = Path(tempfile.mkdtemp())
(HOME / "extra-openai-models.yaml").write_text(f"""
- model_id: skein
  model_name: {MODEL}
  api_base: {BASE_URL}
  supports_schema: true
  supports_tools: true
- model_id: continue
  model_name: {MODEL}
  api_base: {BASE_URL}
  completion: true
""")
FUNCTIONS = 'def get_weather(city: str) -> str:\n    "Tells the weather."\n    return "rain"'


def llm(*arguments, check=True):
    environment = {**os.environ, "LLM_USER_PATH": str(HOME), "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": BASE_URL}
    return subprocess.run([COMMAND, *arguments], env=environment, input="", text=True, capture_output=True, check=check)


def endpoint(*arguments, model=MODEL, **more):
    return llm("openai", "endpoint", BASE_URL, "-m", model, "--key", KEY, *arguments, "Hello", **more)


class Whole:
    def the_models_are_listed(self):
        assert MODEL in llm("openai", "endpoint", BASE_URL, "--models", "--key", KEY).stdout

    def a_reply_is_whole_or_streamed(self):
        whole = endpoint("--no-stream").stdout
        assert "offline stand-in" in whole
        assert endpoint().stdout == whole
        assert llm("-m", "skein", "Hello").stdout == whole

    def a_function_is_called_and_its_result_answered(self):
        reply = llm("-m", "skein", "--functions", FUNCTIONS, "--td", CALL_WEATHER)
        assert "rain" in reply.stderr and "offline stand-in" in reply.stdout, reply

    def a_reply_has_the_form_of_a_schema(self):
        reply = json.loads(llm("-m", "skein", "--schema", "name, age int, moods: comma-separated", "Hello").stdout)
        assert isinstance(reply["age"], int) and isinstance(reply["name"], str), reply

    def a_text_is_continued_whole_or_streamed(self):
        whole = llm("-m", "continue", "--no-stream", "Once").stdout
        assert CONTINUATION in whole
        assert llm("-m", "continue", "Once").stdout == whole

    def texts_are_embedded(self):
        texts = HOME / "texts.json"
        texts.write_text(json.dumps([{"id": number, "text": text} for number, text in enumerate(TEXTS)]))
        for model in EMBEDDING_MODELS:
            assert len(json.loads(llm("embed", "-m", model, "-c", TEXTS[0]).stdout)) == 1536
            llm("embed-multi", model, texts, "-m", model)
            alike = [json.loads(line) for line in llm("similar", model, "-c", TEXTS[0]).stdout.splitlines()]
            assert [it["id"] for it in alike] == ["0", "1", "2"], alike

    def an_unknown_model_is_not_found(self):
        assert "404" in endpoint(model="goose-1", check=False).stderr

    def an_invalid_field_is_a_bad_request(self):
        assert "400" in endpoint("-o", "max_tokens", "99999", check=False).stderr


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        expect_unavailable(subprocess.CalledProcessError, lambda: endpoint(model=UNAVAILABLE))

    def a_stream_that_is_left_is_ended(self):
        def leave():
            arguments = ["openai", "endpoint", BASE_URL, "-m", SLOW_STREAM, "--key", KEY, "Hello"]
            command = subprocess.Popen([COMMAND, *arguments], env={**os.environ, "LLM_USER_PATH": str(HOME)},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            command.stdout.read(1)
            command.kill()
            command.wait()

        expect_cancelled(leave)


run("llm", Whole, Faults)
