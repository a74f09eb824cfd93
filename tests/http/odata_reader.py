"""What every test of OData asks with: paths with their options, and pages along their links."""
import re
import urllib.parse

CUSTOM = ("snapshot", "as_of")  # options that are not of OData, and have no $


def path_of(resource, **options):
    """The path of a resource; names of options get their $, values their escapes."""
    pairs = ["%s=%s" % (name if name in CUSTOM else "$" + name,
                        urllib.parse.quote(str(value), safe=""))
             for name, value in options.items()]
    return "/odata/" + resource + ("?" + "&".join(pairs) if pairs else "")


def get(server, resource, headers=None, **options):
    return server.get(path_of(resource, **options), headers=headers)


def local(url):
    return re.sub(r"^https?://[^/]+", "", url)


def read_pages(server, path, headers=None):
    """All entities, page by page, following links as they are; and the pages."""
    pages = []
    while path:
        document = server.get(path, headers=headers).expect(200).json
        pages.append(document)
        assert len(pages) < 5000
        following = document.get("@odata.nextLink", document.get("@nextLink"))
        path = following and local(following)
    return [row for page in pages for row in page["value"]], pages
