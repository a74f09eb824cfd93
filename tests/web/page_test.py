"""The page for people, as a browser shows it: headless Chromium (`./dev setup web`) loads it."""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import tap  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM:
    print("1..0 # SKIP chromium is not there; ./dev setup web installs it")
    sys.exit(0)

HOSTILE = "<script>document.title='taken'</script><b id=\"bold\">bold</b> & <img src=x onerror=alert(1)>"
folder = entrepot.temporary_folder()


def _product():
    """The product of the tests, with markup where people write texts."""
    made = folder / "product"
    shutil.copytree(entrepot.PRODUCT, made)
    path = made / "product.odps.yaml"
    path.write_text(path.read_text().replace("What the tests from outside are run with.",
                                             json.dumps("Purpose: " + HOSTILE)))
    path = made / "contracts" / "levels.odcs.yaml"
    text = path.read_text()
    path.write_text(re.sub(
        r"( *)- name: sku\n", lambda found: found[0] + "%s  description: %s\n" % (
            found[1], json.dumps("Column: " + HOSTILE)), text, count=1))
    assert path.read_text() != text
    return made


def _browse(url, *options, seconds=120):
    """Load a page; gives what the browser prints and its console."""
    home = folder / "browser"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    environment = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home),
                       XDG_CACHE_HOME=str(home))
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-proxy-server",
         "--enable-logging=stderr", "--user-data-dir=%s" % (home / "data"),
         "--virtual-time-budget=10000", *options, url],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, env=environment)
    console = [line for line in done.stderr.decode("utf-8", "replace").splitlines()
               if "CONSOLE" in line]
    return done.stdout.decode("utf-8", "replace"), console


shown = {}


def _page(server):
    """The page once its script has run; loaded once."""
    if not shown:
        shown["dom"], shown["console"] = _browse("http://%s:%d/" % (server.host, server.port),
                                                 "--dump-dom")
    return shown["dom"]


def _text(dom):
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script)\b.*?</\1>", "", dom,
                                                        flags=re.DOTALL)))


def the_product_is_named(server):
    dom = _page(server)
    assert re.search(r"<h1[^>]*>Shop</h1>", dom), dom[:3000]
    assert "<title>Shop</title>" in dom, "the title is another"
    assert "1.0.0" in _text(dom)


def datasets_and_columns_are_on_the_page(server):
    text = _text(_page(server))
    datasets = server.get("/discovery/datasets").json
    assert len(datasets) == 6, datasets
    for dataset in datasets:
        assert "/%s/%s" % (dataset["layer"], dataset["dataset"]) in text, dataset["dataset"]
        for column in dataset["columns"]:
            assert re.search(r"\b%s\s+%s" % (re.escape(column["name"]),
                                             re.escape(column["sql_type"])), text), column


def what_is_current_is_shown(server):
    text = _text(_page(server))
    assert "snapshot 1" in text and "2 rows" in text and "nothing yet" in text, text


def no_script_fails(server):
    _page(server)
    assert not shown["console"], "\n".join(shown["console"])


def markup_in_texts_is_text(server):
    dom = _page(server)
    for text in ("Purpose: ", "Column: "):
        assert text + html.escape(HOSTILE, quote=False) in dom, dom
    for element in ("<script>document", "<b ", "<b>", "<img"):
        assert element not in dom, element


def links_lead_somewhere(server):
    targets = set(re.findall(r'<a[^>]* href="([^"]+)"', _page(server)))
    assert len(targets) > 6, targets
    for target in sorted(targets):
        path = re.sub(r"^https?://[^/]+", "", html.unescape(target))
        server.get("/" + path.lstrip("/")).expect(200)


def _prepare(server):
    server.deliver("stock", "sku,level\na,1\nb,2\n").expect(201)
    assert server.run_pipeline("levels")["state"] == "published"


if __name__ == "__main__":
    try:
        entrepot.main(globals(), folder=_product(), prepare=_prepare)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
