#!/usr/bin/env python3
"""Writes the price table of shared/pricing from the data of the package genai-prices.

convert.py            writes the table
convert.py --check    fails if the committed table differs from what it would write

The package is pinned in .ci/pins/prices.txt, by version and SHA-256. pip downloads it; its code is not run, as its data
is read as a syntax tree. corrections.txt has what the data lacks or has wrong. docs/pricing.md has the format.
"""
import ast
import datetime
import decimal
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PINS = ROOT / ".ci/pins/prices.txt"
CORRECTIONS = pathlib.Path(__file__).with_name("corrections.txt")
TABLE = ROOT / "shared/pricing/src/main/resources/dev/skein/pricing/prices"

# The providers whose prices are public, in dollars, and the same for every customer and Region of these hosts.
# Left out: routers, whose price depends on who serves the call (OpenRouter, Hugging Face); hosts whose price depends on
# the Region or on how a model is deployed (Azure, Bedrock, Databricks, Modal, Vertex AI); prices that were converted from
# another currency (MiniMax, OVHcloud, Zhipu AI); prices per request (Perplexity); prices of other tokens than those that a
# usage has (Cohere); what is no API (Copilot, Cursor).
HOSTS = {
    "anthropic": ["api.anthropic.com"],
    "arcee": ["api.arcee.ai"],
    "baseten": ["inference.baseten.co"],
    "cerebras": ["api.cerebras.ai"],
    "deepseek": ["api.deepseek.com"],
    "fireworks": ["api.fireworks.ai"],
    "google": ["generativelanguage.googleapis.com"],
    "groq": ["api.groq.com"],
    "meta": ["api.meta.ai"],
    "mistral": ["api.mistral.ai"],
    "moonshotai": ["api.moonshot.ai"],
    "novita": ["api.novita.ai"],
    "openai": ["api.openai.com"],
    "together": ["api.together.ai", "api.together.xyz"],
    "voyageai": ["api.voyageai.com"],
    "x-ai": ["api.x.ai"],
    "zai": ["api.z.ai"],
}

# What else is known of them.
# - Anthropic's OpenAI-compatible API does not cache prompts: https://platform.claude.com/docs/en/api/openai-sdk
# - Google's API knows a model by two names, and has thinking in the total alone, at the price of the completion:
#   https://ai.google.dev/gemini-api/docs/thinking#pricing
REPORTS = {"anthropic": "cached,cache_write"}
FIELDS = {"google": ["rest=output", "prefix=models/"]}

# Models that are billed by more than the tokens of texts have one of these words in their names, or one of these prices.
OTHER_WORDS = {
    "audio", "image", "live", "moderation", "native", "ocr", "omni", "realtime", "research", "search", "sonar", "transcribe",
    "tts", "video", "voice", "voxtral", "whisper",
}
OTHER_PRICES = {
    "audio_hours", "input_audio_hours", "input_document_kpages", "input_gpixels", "input_mchars", "input_text_messages_kcount",
    "output_audio_mtok", "output_citation_mtok", "output_image_mtok", "output_reasoning_mtok", "output_video_mtok",
    "requests_kcount", "rerank_searches_kcount",
}

# Tiers that cost what the standard one does: https://console.groq.com/docs/flex-processing
AS_STANDARD = {"groq": ["flex"]}

# The prefixes of names that end within a number, and what follows.
WITHIN_NUMBERS = {"claude-sonnet-4-2025": "####", "gemini-2.0-flash-0": "##"}

TIERS = {"service_tier": None, "processing": {"batch": "batch"}}


class Node(dict):
    """A call in the data, such as ModelInfo(id='gpt-4o', ...): its name and its arguments."""

    def __init__(self, name, arguments):
        super().__init__(arguments)
        self.name = name


def download():
    """The data of the pinned package, as text, and the package's name and version."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes",
             "-r", PINS, "-d", folder],
            check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read("genai_prices/data.py").decode()


def read(node):
    """The value of an expression of the data."""
    match node:
        case ast.Constant():
            return node.value
        case ast.List():
            return [read(item) for item in node.elts]
        case ast.Dict():
            return {read(key): read(value) for key, value in zip(node.keys, node.values)}
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=text)]):
            return decimal.Decimal(text)
        case ast.Call(func=ast.Attribute(attr="date")):
            return datetime.date(*(read(argument) for argument in node.args))
        case ast.Call(func=ast.Attribute(attr="time")):
            return datetime.time(*(read(argument) for argument in node.args))
        case ast.Call(func=ast.Name(id=name), args=[]):
            return Node(name, {argument.arg: read(argument.value) for argument in node.keywords})
    raise ValueError("the data has an unknown form: " + ast.dump(node)[:200])


def providers(source):
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and statement.target.id == "providers":
            return read(statement.value)
    raise ValueError("the data has no providers")


def names(model):
    """The names of a model, in the form of the table: # is a digit, * the rest of a version, ** any rest."""
    found = []

    def add(clause):
        match clause.name:
            case "ClauseOr":
                for each in clause["or_"]:
                    add(each)
            case "ClauseAnd":
                # The other conditions only tell models apart that * tells apart, too.
                add(clause["and_"][0])
            case "ClauseEquals":
                found.append(clause["equals"])
            case "ClauseStartsWith":
                found.append(rest(clause["starts_with"]))
            # A provider's own API uses names without anything before them, except for what the model's ID begins with.
            case "ClauseContains":
                part = clause["contains"]
                found.append(rest(model["id"][:max(model["id"].find(part), 0)] + part))
            case "ClauseEndsWith":
                found.append(clause["ends_with"])
            case "ClauseRegex":
                found.extend(digits(clause["regex"]))

    add(model["match"])
    kept = []
    for name in (name.lower() for name in found):
        if name not in kept and not OTHER_WORDS & set(re.split(r"[^a-z]+", name)):
            kept.append(name)
    return [name for name in kept if name == kept[0] or not covered(name, kept)]


def rest(prefix):
    """Any text can follow the prefix of a fine-tuned model, and digits one that ends within a number."""
    if prefix.startswith("ft:") or prefix.endswith(".ft-"):
        return prefix + "**"
    return prefix + WITHIN_NUMBERS.get(prefix, "*")


def digits(regex):
    """The names that a regular expression of a version stands for; it must be one of the forms that the data has."""
    text = re.sub(r"\\d\{(\d)\}", lambda match: "#" * int(match[1]), regex.removeprefix("^").removesuffix("$"))
    text = text.replace("\\.", ".")
    texts = [text.replace("[-@]", sign) for sign in "-@"] if "[-@]" in text else [text]
    texts = [re.sub(r"\\d$", "*", text) for text in texts]
    for text in texts:
        if re.search(r"[\\^$()\[\]{}|+?]", text):
            raise ValueError("the data has an unknown form of names: " + regex)
    return texts


def covered(name, others):
    """Whether another pattern has all names of this one."""
    return any(other != name and other.endswith("*") and not other.endswith("**") and name == other[:-1] for other in others)


def number(value):
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def at(price, start):
    """What a price is for prompts of more than so many tokens; None if there is no such price."""
    if isinstance(price, Node):
        value = price["base"]
        for tier in sorted(price["tiers"], key=lambda tier: tier["start"]):
            if start >= tier["start"]:
                value = tier["price"]
        return value
    return price


def rates(prices):
    """The prices of a model in the form of the table; None if it has none or has some that are not for tokens of texts."""
    if OTHER_PRICES & prices.keys() or "input_mtok" not in prices:
        return None
    starts = sorted({tier["start"] for price in prices.values() if isinstance(price, Node) for tier in price["tiers"]})
    words = []
    for start in [-1] + starts:
        if start >= 0:
            words.append(f"above={start}")
        values = {key: at(price, start) for key, price in prices.items()}
        words.append("input=" + number(values["input_mtok"]))
        if "cache_read_mtok" in values:
            words.append("cached=" + number(values["cache_read_mtok"]))
        writes = sorted({values[key] for key in ("cache_write_mtok", "cache_write_1h_mtok") if key in values})
        if writes:
            words.append("cache_write=" + "..".join(number(value) for value in writes))
        if "output_mtok" in values:
            words.append("output=" + number(values["output_mtok"]))
    return " ".join(words)


def conditional(prices):
    """The standard prices of a model with their conditions, the last that holds taking precedence."""
    return prices if isinstance(prices, list) else [Node("ConditionalPrice", {"prices": prices})]


def start_date(conditions):
    constraint = conditions.get("constraint")
    return constraint["start_date"] if constraint else datetime.date.min


def lines(model, same_tiers):
    """The lines of a model, with the names of tiers that cost the same; empty if the table cannot have it."""
    comments = model.get("price_comments") or ""
    named = names(model)
    if not named or ("OpenRouter" in comments and "Verified against" not in comments):
        return []
    standard = conditional(model["prices"])
    result = []
    previous = None
    for conditions in standard:
        price = rates(conditions["prices"])
        if price is None:
            return []
        constraint = conditions.get("constraint")
        if price != previous or constraint.name == "TimeOfDateConstraint":
            result.append(" ".join(["price"] + condition(conditions) + [price]))
        previous = price
    if all(word.endswith("=0") for line in result for word in line.split() if word.startswith(("input=", "output="))):
        return []
    same = [line.replace("price ", f"price tier={tier} ", 1) for tier in same_tiers for line in result]
    return ["model " + " ".join(named)] + result + same + variants(model, standard)


def condition(conditions):
    constraint = conditions.get("constraint")
    if not constraint:
        return []
    if constraint.name == "StartDateConstraint":
        return [f"from={constraint['start_date']}"]
    return [f"hours={constraint['start_time']:%H:%M}-{constraint['end_time']:%H:%M}"]


def variants(model, standard):
    """The prices of the service tiers. They hold from the day on which the data knows them, not for earlier calls."""
    tiers = {}
    for variant in model.get("price_variants") or []:
        ((key, value),) = variant["when"].items()
        if key in TIERS and (TIERS[key] is None or value in TIERS[key]) and value != "default":
            tiers.setdefault(value, []).append(variant)
    result = []
    for tier, each in sorted(tiers.items()):
        first = min(start_date(variant) for variant in each)
        dates = {start_date(conditions) for conditions in standard + each}
        previous = None
        for date in sorted(date for date in dates | {first} if date >= first):
            prices = dict([c for c in standard if start_date(c) <= date][-1]["prices"])
            for variant in reversed([v for v in each if start_date(v) <= date]):
                prices.update(variant["prices"])
            price = rates(prices)
            if price and price != previous:
                since = [] if date == datetime.date.min else [f"from={date}"]
                result.append(" ".join(["price", f"tier={tier}"] + since + [price]))
            previous = price
    return result


def reports(provider):
    """Whether the provider's chat completions report the tokens that its caches read and wrote."""
    if provider["id"] in REPORTS:
        return REPORTS[provider["id"]]
    known = set()
    for extractor in provider.get("extractors") or []:
        if extractor["api_flavor"] in ("chat", "default"):
            known |= {mapping["dest"] for mapping in extractor["mappings"]}
    if "cache_read_tokens" not in known:
        return ""
    return "cached,cache_write" if "cache_write_tokens" in known else "cached"


def corrections():
    """By provider: the blocks of lines that correct models of the data, by their first line's first name."""
    blocks = {}
    for number, line in enumerate(CORRECTIONS.read_text().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "provider":
            provider = blocks.setdefault(words[1], {"retires": [], "models": {}})
        elif words[0] == "retires":
            provider["retires"].append(line)
        elif words[0] == "model":
            block = provider["models"].setdefault(words[1], [])
            block.append(line)
        elif words[0] == "price":
            block.append(line)
        else:
            raise ValueError(f"corrections.txt: line {number} is unknown")
    return blocks


def corrected_models(models, corrections):
    """The models by their first names: a correction takes its names from the models of the data."""
    known = {name for block in models.values() for name in named(block)}
    taken = set()
    for name, block in corrections.items():
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in known):
            raise ValueError(f"corrections.txt has the model {name}, which the data lacks")
        taken |= set(named(block))
    kept = [[name for name in named(block) if name not in taken] for block in models.values()]
    rest = {names[0]: [" ".join(["model", *names])] + block[1:] for names, block in zip(kept, models.values()) if names}
    return rest | corrections


def named(block):
    return block[0].split()[1:]


def table(source, header):
    """The files of the table, by name."""
    files = {}
    corrected = corrections()
    index = []
    for provider in sorted(providers(source), key=lambda provider: provider["id"]):
        if provider["id"] not in HOSTS:
            continue
        fields = [f"reports={reports(provider)}"] if reports(provider) else []
        index.append(" ".join(["provider", provider["id"]] + fields + FIELDS.get(provider["id"], []) + HOSTS[provider["id"]]))
        own = corrected.pop(provider["id"], {"retires": [], "models": {}})
        models = {}
        for model in provider["models"]:
            block = lines(model, AS_STANDARD.get(provider["id"], []))
            # A model of another company that this host does not serve.
            if block and not (provider["id"] == "google" and model["id"].startswith("claude")):
                models[block[0].split()[1]] = block
        models = corrected_models(models, own["models"])
        blocks = [line for name in sorted(models) for line in models[name]]
        files[provider["id"] + ".txt"] = header + "\n".join(blocks + sorted(own["retires"])) + "\n"
    if corrected:
        raise ValueError("corrections.txt has a provider that the table lacks: " + ", ".join(corrected))
    files["providers.txt"] = header + "\n".join(index) + "\n"
    return files


def main():
    pins = PINS.read_text()
    (package, version) = re.search(r"^(\S+)==(\S+) ", pins, re.M).groups()
    taken = re.search(r"Taken on (\d{4}-\d{2}-\d{2})", pins)[1]
    header = (
        f"# Generated by tools/prices/convert.py: do not edit. Prices in US dollars per million tokens.\n"
        f"# Source: {package} {version}, https://github.com/pydantic/genai-prices, taken on {taken}, and tools/prices/corrections.txt\n"
        f"# Copyright (c) Pydantic Services Inc. 2025 to present. MIT license, in the file NOTICE.\n")
    files = table(download(), header)
    if "--check" not in sys.argv[1:]:
        TABLE.mkdir(parents=True, exist_ok=True)
        for old in TABLE.glob("*.txt"):
            old.unlink()
        for name, text in files.items():
            (TABLE / name).write_text(text, encoding="ascii")
        return 0
    committed = {file.name: file.read_text(encoding="ascii") for file in TABLE.glob("*.txt")}
    different = sorted(name for name in files.keys() | committed.keys() if files.get(name) != committed.get(name))
    for name in different:
        print(f"{(TABLE / name).relative_to(ROOT)} differs from what tools/prices/convert.py writes", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
