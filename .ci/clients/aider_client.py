"""aider: one edit of one file, as in a script. The prompt dictates the stand-in's reply."""

import subprocess
import tempfile
from pathlib import Path

from checks import *

COMMAND = Path(sys.executable).parent / "aider"
BEFORE = 'def honk():\n    return "moo"\n'
AFTER = 'def honk():\n    return "honk"\n'
EDIT = f"Make it honk. <reply>\ngoose.py\n```\n{AFTER}```\n</reply>"


def project():
    folder = Path(tempfile.mkdtemp())
    (folder / "goose.py").write_text(BEFORE)
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def start(folder, model, *arguments):
    environment = {**os.environ, "OPENAI_API_BASE": BASE_URL, "OPENAI_API_KEY": KEY,
                   "LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # do not fetch a list of prices
    quiet = ["--yes-always", "--no-check-update", "--no-show-model-warnings", "--analytics-disable"]
    command = [COMMAND, "--model", f"openai/{model}", *quiet, *arguments, "--message", EDIT, "goose.py"]
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def aider(model, *arguments):
    folder = project()
    output, _ = start(folder, model, *arguments).communicate(timeout=300)
    return output, (folder / "goose.py").read_text()


class Whole:
    def a_file_is_edited(self):
        for arguments in [], ["--no-stream"]:
            output, edited = aider(MODEL, *arguments)
            assert edited == AFTER, output

    def an_unknown_model_is_not_found(self):
        output, edited = aider("goose-1")
        assert "NotFoundError" in output and edited == BEFORE, output


class Faults:
    def a_call_that_is_left_is_ended(self):
        def leave():
            command = start(project(), SLOW_STREAM)
            since = now()
            while not [it for it in get(f"/audit?limit=20&from={since}")["records"] if it["model"] == SLOW_STREAM]:
                time.sleep(0.2)
            command.kill()
            command.wait()

        expect_cancelled(leave)


run("aider", Whole, Faults)
