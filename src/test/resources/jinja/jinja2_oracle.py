"""Renders templates with jinja2, set up as transformers does for chat templates (utils/chat_template_utils.py, 5.18.0).

Reads a JSON object per line, {"template", "variables", "now"}, and answers each with a line: {"text"}, or {"error",
"message"} with the class of the exception ("raise_exception" where the template called that). The first line says
who answers; exit code 77: there is no jinja2.
"""

import functools
import json
import platform
import signal
import sys
import warnings
from datetime import datetime

try:
    import jinja2
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment
except ImportError:
    sys.exit(77)

SECONDS = 20  # for one template
BYTES = 1 << 29  # for the process


class Generation(Extension):
    """{% generation %}: writes its body; transformers notes where the assistant's words are."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body, lineno=line)

    def _body(self, caller):
        return caller()


class Raised(jinja2.TemplateError):
    pass


def raise_exception(message):
    raise Raised(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment(now):
    result = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    result.filters["tojson"] = tojson
    result.globals.update(raise_exception=raise_exception, strftime_now=lambda form: now[0].strftime(form))
    return result


def answer(request, compiled, now):
    now[0] = datetime.fromisoformat(request["now"])
    try:
        return {"text": compiled(request["template"]).render(**request["variables"])}
    except Raised as error:
        return {"error": "raise_exception", "message": str(error)}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def late(*_):
    raise SystemExit(f"a template took more than {SECONDS} s")


def main():
    warnings.simplefilter("ignore")  # Python finds much to say about random templates
    if hasattr(signal, "SIGALRM"):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.signal(signal.SIGALRM, late)
    now = [None]
    compiled = functools.lru_cache(maxsize=2)(environment(now).from_string)
    print(f"jinja2 {jinja2.__version__}, Python {platform.python_version()}", flush=True)
    for line in sys.stdin.buffer:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(SECONDS)
        print(json.dumps(answer(json.loads(line), compiled, now)), flush=True)


main()
