"""Records what jinja2 makes of the small templates of language.jsonl, and writes that file anew.

Run from the repository's root with a Python that has jinja2 (Debian's python3-jinja2: /usr/bin/python3). The first line
holds the variables; each other line a template with its text, or with words of the error. jinja2 is set up as
transformers does for chat templates.
"""

import copy
import datetime
import json
import pathlib
import warnings

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

CASES = pathlib.Path("src/test/resources/jinja/language.jsonl")
NOW = datetime.datetime(2026, 11, 29, 7, 5, 3, 123456)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body, lineno=line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def main():
    warnings.simplefilter("ignore")
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals.update(raise_exception=raise_exception, strftime_now=NOW.strftime)
    first, *cases = map(json.loads, CASES.read_text().splitlines())
    lines = [first]
    for case in cases:
        template = case["template"]
        try:
            text = environment.from_string(template).render(**copy.deepcopy(first["variables"]))
            lines.append({"template": template, "text": text})
        except Exception as error:
            lines.append({"template": template, "error": str(error)})
    CASES.write_text("".join(json.dumps(line) + "\n" for line in lines))


main()
