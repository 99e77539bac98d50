"""A built site that would load anything from a server is refused."""

import re
from html.parser import HTMLParser
from pathlib import Path

LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "copyright", "author", "help"}  # kinds of <link>
REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"""(?:url\(|@import)\s*['"]?\s*((?:https?:)?//[^'")\s]+)""", re.IGNORECASE)


class _Loads(HTMLParser):
    """Collect what a page loads from elsewhere; links that a reader may follow are no such thing."""

    def __init__(self) -> None:
        super().__init__()
        self.remote: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and not set(given.get("rel", "").split()) <= NOT_LOADED:
            self._note(given.get("href", ""))
        self._note(given.get(LOADED.get(tag, ""), ""))
        for part in given.get("srcset", "").split(","):
            self._note(part)
        self.remote += IN_STYLE.findall(given.get("style", ""))

    def _note(self, address: str) -> None:
        if REMOTE.match(address):
            self.remote.append(address.strip())


def remote_loads(text: str) -> list[str]:
    """Return the addresses on servers from which a page of HTML would load something."""
    page = _Loads()
    page.feed(text)
    styles = re.findall(r"<style.*?</style>", text, re.DOTALL | re.IGNORECASE)
    return page.remote + [address for style in styles for address in IN_STYLE.findall(style)]


def check(app, exception) -> None:
    """Raise if a page or style sheet of the finished site loads something from a server."""
    if exception is not None or app.builder.format != "html":
        return
    found = []
    for path in sorted(Path(app.outdir).rglob("*.html")):
        found += [f"{path.name}: {address}" for address in remote_loads(path.read_text(encoding="utf-8"))]
    for path in sorted(Path(app.outdir).rglob("*.css")):
        found += [f"{path.name}: {address}" for address in IN_STYLE.findall(path.read_text(encoding="utf-8"))]
    if found:
        raise RuntimeError("the site is not offline: " + "; ".join(found))
