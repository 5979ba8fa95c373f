"""Checks that the AWS CLI has every command and option that the pages show. Calls nothing."""

import pathlib
import re
import sys

from awscli.clidriver import create_clidriver

# Commands of version 2 of the AWS CLI, which PyPI does not have.
ONLY_IN_VERSION_2 = {"configure export-credentials", "logs tail", "sso login"}
GLOBAL_OPTIONS = {"query", "output", "region", "profile", "endpoint-url"}


def commands(text):
    """Each command, without what its substitutions run, which are commands themselves."""
    text = re.sub(r"\\\n", " ", re.sub(r"'[^'\n]*'", "''", text))
    innermost = re.compile(r"\$\(([^()]*)\)")
    while found := innermost.search(text):
        yield from commands(found.group(1))
        text = text[: found.start()] + "SUBSTITUTED" + text[found.end() :]
    for command in re.finditer(r"(?:^|[`;|&{(]|\bdo)\s*aws ([a-z0-9-]+) ([a-z0-9-]+)([^`|;\n]*)", text, re.MULTILINE):
        yield f"{command[1]} {command[2]}", re.findall(r"(?:^|\s)--([a-z0-9-]+)", command[3])


services = create_clidriver()._get_command_table()
problems = []
count = 0
for page in [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").rglob("*.md"))]:
    text = page.read_text(encoding="utf-8")
    for command, options in commands(text):
        count += 1
        if command in ONLY_IN_VERSION_2:
            continue
        service, name = command.split()
        operations = services[service].create_help_command().command_table if service in services else {}
        if name not in operations:
            problems.append(f"{page}: there is no aws {command}")
            continue
        known = operations[name].arg_table.keys() | GLOBAL_OPTIONS
        problems += [f"{page}: aws {command} has no option --{it}" for it in options if it not in known]

for problem in problems:
    print(problem, file=sys.stderr)
print(f"{count} commands of the AWS CLI on the pages, {len(problems)} problems")
sys.exit(1 if problems or count < 40 else 0)
