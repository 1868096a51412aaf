"""The pages of the workbench: templates, scripts and styles, all of them in the package.

A script is written in several files, which a page gets as one: the browser loads nothing twice, and
a page that is taken along needs nothing else. What serves pages is imported where it is needed: a
page in a file, or in a notebook, is served by nobody.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import Response

    from stancepack.workbench.desk import Desk

# what each page's script is made of, in order; all of it is one module
_SHARED = (
    *("elements.js", "stored.js", "saving.js", "notices.js", "acts.js", "keys.js", "boxes.js"),
    *("codebook.js", "words.js", "overview.js", "desk.js"),
)
_CODING = ("elsewhere.js", "progress.js", "rows.js", "detail.js", "code.js")
SCRIPTS = {
    "code.js": (*_SHARED, *_CODING, "served.js"),
    "away.js": (*_SHARED, *_CODING, "log.js", "away.js"),
    "notebook.js": (*_SHARED, *_CODING, "notebook.js"),
    "lead.js": ("elements.js", "saving.js", "lead.js"),
    "settle.js": (*_SHARED, "rows.js", "rules.js", "decision.js", "settle.js", "served.js"),
    "overruled.js": (*_SHARED, "overruled.js", "served.js"),
    "unitise.js": (*_SHARED, "marking.js", "units.js", "unitise.js", "served.js"),
    "merge.js": (*_SHARED, "marking.js", "units.js", "merge.js", "served.js"),
}
_STYLE = "workbench.css"
_ALONE = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


def page(desk: Desk) -> Response:
    """Return the page of a desk; what it shows, it asks for."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(rendered(f"{desk.page}.html", script=f"{desk.page}.js"))


def refused(*, comes_from_elsewhere: bool = False) -> Response:
    """Return the answer to whoever has no seat, the same for every address.

    Browsers bring no cookie along when a link in a message was followed: the page then asks once
    more by itself.
    """
    from starlette.responses import HTMLResponse

    return HTMLResponse(rendered("refused.html", asks_again=comes_from_elsewhere), 403)


def notice(message: str, status: int) -> Response:
    """Return a page that says why there is nothing to do on it now."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(rendered("notice.html", message=message), status)


def static(file: str) -> Response | None:
    """Return a script or the style by name, if there is one."""
    from starlette.responses import Response

    if file in SCRIPTS:
        return Response(script(file), media_type=_TYPES["js"])
    if file == _STYLE:
        return Response(_text(f"static/{_STYLE}"), media_type=_TYPES["css"])
    return None


@cache
def script(name: str) -> str:
    """Return the script of a page, its files joined into one module."""
    return "\n".join(_text(f"static/{file}") for file in SCRIPTS[name])


def style() -> str:
    """Return the style of all pages."""
    return _text(f"static/{_STYLE}")


def rendered(template: str, **values: Any) -> str:
    """Return a page from its template; whatever a project brings is shown as text."""
    return str(_environment().get_template(template).render(values))


def alone(template: str, script_name: str, **data: Any) -> str:
    """Return a page with all that it needs in it, which may ask nobody for anything.

    Parameters
    ----------
    template
        The template of the page as it is served.
    script_name
        Its script.
    **data
        What its script finds as JSON in elements with these ids.
    """
    return rendered(
        "alone.html",
        page=template,
        script=script(script_name),
        style=style(),
        policy=f"{_ALONE}; script-src {_source(script(script_name))}; style-src {_source(style())}",
        data={name: json_inside(content) for name, content in data.items()},
    )


@cache
def cell_script() -> str:
    """Return the script of a notebook's cell that shows the coder's page, with the page in it."""
    page_alone = json.dumps(alone("code.html", "notebook.js"))
    return f"const PAGE = {page_alone};\n{_text('static/cell.js')}"


def json_inside(content: Any) -> str:
    """Return content as JSON that can stand inside of a script element, whatever its texts are."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def _source(text: str) -> str:
    """Name a script or a style by its fingerprint: none but this very text is run or shown."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("stancepack.workbench")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


@cache
def _text(path: str) -> str:
    return files("stancepack.workbench").joinpath(path).read_text(encoding="utf-8")
