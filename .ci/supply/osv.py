"""Looks up the components of CycloneDX bills of materials in a database of known vulnerabilities with OSV's API.

    osv.py API BILL...

Prints a line for each finding. Exits 0 if there is none, 1 if there is one, and 3 if the database cannot be asked.
(osv-scanner 2.5.0 reads these bills without the groups of Maven's components, and so finds nothing for any of them.)
"""

import json
import sys
import urllib.error
import urllib.request

# A component with many findings: a database that has none for it does not understand the questions.
CONTROL = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"


def addresses(bills):
    """The package URLs of others' components, without the project's own and without qualifiers."""
    found = set()
    for bill in bills:
        with open(bill, encoding="utf-8") as file:
            for component in json.load(file)["components"]:
                if component["group"] != "dev.skein":
                    found.add(component["purl"].split("?")[0])
    return sorted(found)


def findings(api, purls):
    """The IDs of the known vulnerabilities of each package URL, in order."""
    body = json.dumps({"queries": [{"package": {"purl": purl}} for purl in purls]}).encode()
    request = urllib.request.Request(f"{api}/v1/querybatch", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        results = json.load(response)["results"]
    return [[each["id"] for each in (result or {}).get("vulns", [])] for result in results]


def main(api, *bills):
    purls = addresses(bills)
    try:
        control, *found = findings(api, [CONTROL, *purls])
    except (urllib.error.URLError, TimeoutError, ValueError, KeyError) as error:
        print(error)
        return 3
    if not control or len(found) != len(purls):
        print(f"{api} does not know that {CONTROL} is vulnerable")
        return 3
    for purl, ids in zip(purls, found):
        for name in ids:
            print(f"{purl}: {name}")
    print(f"{len(purls)} components looked up, {sum(map(bool, found))} with known vulnerabilities")
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
