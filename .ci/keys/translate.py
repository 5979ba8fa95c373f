"""Translates template.yaml as SAM does, without AWS, and writes it as CloudFormation JSON."""

import json
import sys

import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self):
        return {}


def translate(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if str(properties.get("CodeUri", "")).endswith(".zip"):
            properties["CodeUri"] = {"Bucket": "bucket", "Key": properties["CodeUri"]}  # as `sam package` does
    parameters = {name: it.get("Default") for name, it in template.get("Parameters", {}).items()}
    return Translator({}, Parser()).translate(template, parameters)


if __name__ == "__main__":
    json.dump(translate(sys.argv[1]), sys.stdout, indent=1, default=str)
