"""Merges the YAML block below a heading of a page into a template: `option.py TEMPLATE PAGE HEADING`.

Prints the result as JSON. It does what a reader does who pastes the block: mappings are merged, all else is replaced.
"""

import json
import re
import sys

from samcli.yamlhelper import yaml_parse


def merge(into, block):
    for key, value in block.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


template, page, heading = sys.argv[1:]
text = open(page, encoding="utf-8").read()
section = re.search(rf"(?ms)^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text)
blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```", section.group(1)) if section else []
if len(blocks) != 1:
    sys.exit(f"{page}: {len(blocks)} YAML blocks below {heading}, not one")
merged = yaml_parse(open(template, encoding="utf-8").read())
merge(merged, yaml_parse(blocks[0]))
json.dump(merged, sys.stdout, indent=1)
