"""Few rows of many: by key, by page, by filter; against pgbench with the same SQL."""
from .ground import CONNECTIONS
from .measure import Measure
from .product import ALL_COLUMNS


def _by_key(ground, connections):
    ground.load()
    paths = ["/output/goods?filter=id%%20eq%%20%d" % number for number in ground.ids()]
    statement = "\\set id random(1, %d)\nSELECT %s FROM %s WHERE id = :id;\n" % (
        ground.rows, ALL_COLUMNS, ground.table)
    return Measure(lambda: ground.wrk(paths, connections=connections),
                   lambda: ground.pgbench(statement, connections))


def row(ground):
    return _by_key(ground, CONNECTIONS)


def row_128(ground):
    return _by_key(ground, 128)


def _page_paths(ground, form):
    return [form % number for number in ground.ids(100)]


PLAIN_PAGE = "/output/goods?filter=id%%20gt%%20%d&orderby=id&top=100"
ODATA_PAGE = "/odata/goods?$filter=id%%20gt%%20%d&$orderby=id&$top=100"
# a range of keys holds the number of rows that are counted the same in a table of any size
COUNTED = ("/output/goods?filter=id%%20gt%%20%d%%20and%%20id%%20le%%20%d%%20and%%20paid%%20eq%%20true"
           "&count=true&orderby=id&top=100")
RANGE = 2000


def page(ground):
    ground.load()
    paths = _page_paths(ground, PLAIN_PAGE)
    statement = ("\\set id random(1, %d)\nSELECT %s FROM %s WHERE id > :id ORDER BY id LIMIT 100;\n"
                 % (max(1, ground.rows - 100), ALL_COLUMNS, ground.table))
    return Measure(lambda: ground.wrk(paths), lambda: ground.pgbench(statement), goal=0.9)


def filter_count(ground):
    ground.load()
    paths = [COUNTED % (number, number + RANGE) for number in ground.ids(RANGE)]
    ground.need(paths[0])
    where = "FROM %s WHERE id > :id AND id <= :id + %d AND paid" % (ground.table, RANGE)
    statement = ("\\set id random(1, %d)\nSELECT count(*) %s;\nSELECT %s %s ORDER BY id LIMIT 100;\n"
                 % (max(1, ground.rows - RANGE), where, ALL_COLUMNS, where))
    return Measure(lambda: ground.wrk(paths), lambda: ground.pgbench(statement), goal=0.8)


def odata_page(ground):
    ground.load()
    ours = _page_paths(ground, ODATA_PAGE)
    plain = _page_paths(ground, PLAIN_PAGE)
    both = len(ground.need(ours[0]).json["value"]), len(ground.need(plain[0]).json)
    if both[0] != both[1]:
        raise SystemExit("bench: a page of OData has %d rows, a plain one %d" % both)
    return Measure(lambda: ground.wrk(ours), lambda: ground.wrk(plain), goal=0.9)


MEASURES = {"row": row, "row_128": row_128, "page": page, "filter_count": filter_count,
            "odata_page": odata_page}
