"""The OASIS cases of OData's grammar, put to the query language.

Of the rules that are about query options, every positive case must be taken, every negative one
refused, and what we do not have answered 501. The exceptions are the tables below, a reason each;
an exception that no longer is one fails too.

The cases are not ours to ship: ENTREPOT_SCHEMAS names the folder that has them, otherwise they are
looked for in ../shared/schemas beside the project.
"""
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import tap  # noqa: E402

try:
    import yaml
except ImportError:
    print("1..0 # SKIP python3-yaml is not there")
    sys.exit(0)

SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", ROOT.parent / "shared/schemas"))
CASES = SCHEMAS / "odata/odata-abnf-testcases.yaml"
AGGREGATION_CASES = SCHEMAS / "odata/odata-aggregation-testcases.yaml"

# How a case of a rule becomes a query string: {} is its input.
RULES = {
    "filter": "{}", "orderby": "{}", "orderBy": "{}", "select": "{}", "queryOptions": "{}",
    "systemQueryOption": "{}", "skiptoken": "{}", "search": "{}", "expand": "{}", "compute": "{}",
    "deltatoken": "{}", "customQueryOption": "{}",
    "commonExpr": "orderby={}", "boolCommonExpr": "filter={}", "boolcommonExpr": "filter={}",
    "notExpr": "filter={}", "propertyPathExpr": "orderby={}", "firstMemberExpr": "orderby={}",
    "isofExpr": "filter={}", "anyExpr": "filter={}",
    "primitiveLiteral": "orderby={}", "null": "filter=Name eq {}", "boolean": "filter={}",
    "binaryLiteral": "filter=AnyBinary eq {}", "stringLiteral": "filter=Name eq {}",
    "guid": "filter=AnyGuid eq {}", "date": "filter=Date eq {}",
    "dateValue": "filter=Date eq {}",
    "dateTimeOffsetLiteral": "filter=LifeTime eq {}",
    "dateTimeOffsetValueInUrl": "filter=LifeTime eq {}",
    "dateTimeOffsetValue": "filter=LifeTime eq {}",
    "timeOfDayLiteral": "filter=AnyTime eq {}", "timeOfDayValue": "filter=AnyTime eq {}",
    "durationLiteral": "filter=LifeTime sub LifeTime eq {}",
    "durationValue": "filter=LifeTime sub LifeTime eq duration'{}'",
    "decimalLiteral": "filter=Price eq {}", "decimalValue": "filter=Price eq {}",
    "doubleLiteral": "filter=AnyDouble eq {}", "doubleValue": "filter=AnyDouble eq {}",
    "singleLiteral": "filter=AnyDouble eq {}", "singleValue": "filter=AnyDouble eq {}",
    "sbyteLiteral": "filter=ID eq {}", "sbyteValue": "filter=ID eq {}",
    "byteValue": "filter=ID eq {}", "byte": "filter=ID eq {}",
    "int16Literal": "filter=ID eq {}", "int16Value": "filter=ID eq {}",
    "int32Literal": "filter=ID eq {}", "int32Value": "filter=ID eq {}",
    "int64Literal": "filter=ID eq {}", "int64Value": "filter=ID eq {}",
    "enumLiteral": "filter=style eq {}",
}

# Rules that are about something else.
ELSEWHERE = {
    "odataUri": "paths of resources", "odataRelativeUri": "paths of resources",
    "resourcePath": "paths of resources", "entitySetName": "paths of resources",
    "functionParameter": "paths of resources",
    "context": "URLs that an answer holds",
    "header": "header fields", "preference": "header fields", "prefer": "header fields",
    "request-id": "header fields", "maxpagesizePreference": "header fields",
    "includeAnnotationsPreference": "header fields",
    "odataIdentifier": "names in a schema", "stringInUrl": "JSON in a URL, refused as a whole",
    "searchExpr": "search is not served", "enumValue": "payloads", "primitiveValue": "payloads",
    "booleanValue": "payloads",
    **{rule: "geography is not served" for rule in (
        "geographyPoint", "geographyMultiPoint", "geographyCollection", "geographyLineString",
        "geographyMultiLineString", "geographyMultiPolygon", "geographyPolygon", "geometryPoint",
        "geometryMultiPoint", "geometryCollection", "geometryLineString",
        "geometryMultiLineString", "geometryMultiPolygon", "geometryPolygon")},
}


# Positive cases that are refused with 400, and why that is right here.
REFUSED = {
    "0000-01-01": "dates are those of the years 0001 to 9999",
    "-10000-04-01": "dates are those of the years 0001 to 9999",
    "0000-01-01T00:00Z": "timestamps are those of the years 0001 to 9999",
    "-10000-04-01T00:00Z": "timestamps are those of the years 0001 to 9999",
    "$filter=ReleaseDate gt 2013-05-24": "a date is no timestamp: refused, with what to write",
    "Size eq true": "Size is a number here",
    "totalseconds(LifeTime)": "LifeTime is a timestamp here",
    "any()": "any stands behind a path, here it is a function nobody has",
    "any( )": "any stands behind a path, here it is a function nobody has",
    "any(lambda:true)": "any stands behind a path, here it is a function nobody has",
    "any( lambda : true )": "any stands behind a path, here it is a function nobody has",
    "Product": "a navigation property, which no dataset has",
    "Products": "a navigation property, which no dataset has",
    "Items": "a navigation property, which no dataset has",
    "Items(1)": "a navigation property, which no dataset has",
    "cast(Category,Edm.Boolean)": "a navigation property, which no dataset has",
    "$select=ActionName,MostPopularName(Location,Kind)": "an action, which no dataset has",
    "FirstName in (FirstName)": "FirstName is no collection",
    "find=O%27Neil": "options nobody knows are refused: they may be typing errors",
    "!special": "options nobody knows are refused: they may be typing errors",
    "!deltatoken='201208210403'": "options nobody knows are refused: they may be typing errors",
    "find=O%27Neil&!special": "options nobody knows are refused: they may be typing errors",
    "$orderby=Name&!deltatoken=0412312321":
        "options nobody knows are refused: they may be typing errors",
}

# Negative cases that are taken.
TAKEN = {
    "2012-09-03T23%3A59Z": "wrong in payloads only; in a URL it is decoded",
    "2012-09-03T23:59+01%3A00": "wrong in payloads only; in a URL it is decoded",
    "11%3A22%3a33": "wrong in payloads only; in a URL it is decoded",
}

# What we do not have: how it is seen in a case, and why it is not there.
NOT_THERE = {
    "paths": (r"/", "they lead into parts of columns and to other entities; datasets have neither"),
    "variables": (r"\$(it|this|root)\b", "they only make sense in paths"),
    "enumerations": (r"\bhas |Sales\.", "contracts have no flags; lists of values are text"),
    "collections": (r"[\[{]", "a column has one value; JSON in a URL is not read"),
    "geography": (r"geo", "contracts have no geographic types"),
    "types": (r"Model\.|cast\((Customer|Category)", "rows are of one type"),
    "annotations": (r"@", "rows have none"),
    "parts": (r"\.|\(", "select takes columns whole, and there are no operations"),
    "search": (r"\$?search=", "there is no index of words; contains and matchesPattern find text"),
    "expand": (r"\$?expand=", "datasets have no navigation"),
    "compute": (r"\$?compute=", "apply has it as a step"),
    "index": (r"\$?index=", "collections are not written to"),
    "delta": (r"", "changes have an address of their own"),
    "schemaversion": (r"schemaversion", "the schema has one version, that of the contract"),
    "isof": (r"", "rows are of one type"),
    "all of it": (r"", "the option is not served"),
}

# Rules of which positive cases may be answered 501, and for want of what.
UNSERVED = {
    "filter": "paths variables enumerations collections geography annotations",
    "orderby": "paths", "orderBy": "paths", "select": "paths parts annotations",
    "queryOptions": "search expand compute index variables types annotations",
    "systemQueryOption": "schemaversion", "search": "all of it", "expand": "all of it",
    "compute": "all of it", "deltatoken": "delta", "isofExpr": "isof",
    "commonExpr": "paths collections variables types geography",
    "boolCommonExpr": "paths collections variables enumerations geography",
    "propertyPathExpr": "paths", "firstMemberExpr": "paths", "enumLiteral": "enumerations",
}

# The cases of aggregation: what we do not have of it, by what is found in a case, and why not.
AGGREGATION_UNSERVED = {
    r"\w/[\w@$]": "paths lead to other entities, which no dataset has",
    r"\$(it|these|root|crossjoin)\b": "there are no other sets, and no expressions over a whole one",
    r"\b(Self|Custom|Aggregation)\.": "functions, methods, steps and types that a service defines",
    r"\b(Forecast|Budget)\b": "custom aggregates, which a contract does not define",
    r"\bfrom\b": "a short way to write two steps, which can be written as two",
    r"\brollup": "subtotals are left to the client",
    r"\b(top|bottom)(count|sum|percent)\(": "orderby and top choose as well",
    r"\b(concat|nest|addnested|join|outerjoin)\(": "rows of one result have one shape",
    r"\b(ancestors|descendants|traverse)\(": "hierarchies, which contracts do not know",
    r"\bsearch\(": "search is not served",
    r"\bisdefined\(": "all columns are defined",
    r"\$(compute|expand)=": "the options compute and expand are not served; compute is as a step",
    r"'P1D' with average": "averages of durations",
}

# Its positive cases that are refused with 400, and why that is right here.
AGGREGATION_REFUSED = {
    **dict.fromkeys((
        "$apply=aggregate(Product with countdistinct as DistinctProducts)",
        "$apply=groupby((Customer,Product/Name))",
        "Products?$apply=groupby((Category), "
        "filter($these/aggregate(Sales/Amount with sum) gt 3))",
        "$apply=groupby((Time),aggregate(Amount with sum as Total))"
        "/aggregate(Total with average as DailyAverage)",
        "$apply=groupby((Customer),aggregate(Amount with sum as CustomerAmount))/compute("
        "CustomerAmount div $these/aggregate(CustomerAmount with sum) as RevenueContribution)",
        "$apply=groupby((Customer,Year),aggregate(Amount with sum as CustomerYearAmount))"
        "/groupby((Customer),compute(CustomerYearAmount div "
        "$these/aggregate(CustomerYearAmount with sum) as RevenueTrend))",
        "$apply=groupby((Customer),compute($these/aggregate($count) as SalesCount))"
        "/filter(SalesCount ge 2)/aggregate(Amount with sum as TotalAmount)",
        ), "a navigation property, which no dataset has"),
}

# Of these rules the input is a value of an option: & in it parts nothing.
WHOLE = ("filter", "orderby", "orderBy", "select", "queryOptions", "systemQueryOption",
         "skiptoken", "search", "expand", "compute", "deltatoken", "customQueryOption")


def _query(case):
    text = case["Input"]
    if case["Rule"] not in WHOLE:
        text = text.replace("&", "%26")
    return RULES[case["Rule"]].format(text)


def _options(query):
    """The options of a query string, decoded: a + is a plus."""
    pairs = [part.partition("=")[::2] for part in query.split("&")]
    return "\x1e".join(urllib.parse.unquote(name) + "\x1f" + urllib.parse.unquote(value)
                       for name, value in pairs)


def _judge(cases, query=None):
    lines = "".join(_options((query or _query)(case)).replace("\n", " ") + "\n" for case in cases)
    program = subprocess.run([os.environ["ODATA_OPTIONS"]], input=lines.encode(),
                             stdout=subprocess.PIPE, check=True)
    answers = [line.split("\t") for line in program.stdout.decode().splitlines()]
    assert len(answers) == len(cases)
    return zip(cases, answers)


def _unserved(rule):
    names = UNSERVED.get(rule, "")
    return [NOT_THERE[name][0] for name in ([names] if names in NOT_THERE else names.split())]


def _fault(case, status):
    return _fault_of(case, status, REFUSED, _unserved(case["Rule"]))


def _fault_of(case, status, refused, unserved):
    """What is wrong with the answer to a case; None when nothing is."""
    text = case["Input"]
    if "FailAt" in case:
        if (status == "200") != (text in TAKEN):
            return "a negative case is answered %s" % status
    elif (status == "400") != (text in refused):
        return "a positive case is answered %s" % status
    elif status == "501" and not any(re.search(pattern, text) for pattern in unserved):
        return "what should be served is answered 501"
    return None


def every_rule_is_put_to_the_test_or_elsewhere(files):
    cases = files[CASES]
    rules = {case["Rule"] for case in cases}
    assert rules <= set(RULES) | set(ELSEWHERE), rules - set(RULES) - set(ELSEWHERE)
    assert set(RULES) <= rules | {"byte", "null"}, set(RULES) - rules
    assert len(cases) == 840


def exceptions_are_cases(files):
    inputs = {case["Input"] for case in files[CASES]}
    assert set(REFUSED) | set(TAKEN) <= inputs
    inputs = {case["Input"] for case in files[AGGREGATION_CASES]}
    assert set(AGGREGATION_REFUSED) <= inputs, set(AGGREGATION_REFUSED) - inputs
    for pattern in AGGREGATION_UNSERVED:
        assert any(re.search(pattern, text) for text in inputs), pattern


def a_rule_is_followed(files):
    cases = files[CASES]
    for rule in RULES:
        yield rule, _follows, [case for case in cases if case["Rule"] == rule]


def _follows(cases):
    faults = ["%s: %s (%s)" % (case["Input"], fault, answer[3])
              for case, answer in _judge(cases) for fault in [_fault(case, answer[0])] if fault]
    assert not faults, "\n".join(faults)


def aggregation_is_as_its_cases_say(files):
    cases = files[AGGREGATION_CASES]
    assert len(cases) == 201
    assert {case["Rule"] for case in cases} == {"queryOptions", "commonExpr", "odataRelativeUri"}
    for begins in sorted({_begin(case) for case in cases} - {None}):
        yield begins, _aggregates, [case for case in cases if _begin(case) == begins]


def _begin(case):
    """How the options of a case begin; None: it has none, but is the URL of a context."""
    if case["Rule"] == "commonExpr":
        return "an expression"
    words = re.match(r"\$?\w+(=\w+\()?", _behind_path(case) or "")
    return words and words[0]


def _behind_path(case):
    path, mark, query = case["Input"].partition("?")
    if case["Rule"] == "odataRelativeUri":
        assert mark or path.startswith("$metadata#"), path
        return query
    return case["Input"]


def _aggregation_query(case):
    return "orderby=" + case["Input"] if case["Rule"] == "commonExpr" else _behind_path(case)


def _aggregates(cases):
    faults = ["%s: %s (%s)" % (case["Input"], fault, answer[3])
              for case, answer in _judge(cases, _aggregation_query)
              for fault in [_fault_of(case, answer[0], AGGREGATION_REFUSED, AGGREGATION_UNSERVED)]
              if fault]
    assert not faults, "\n".join(faults)


def what_can_be_aggregated_is_taken(files):
    """The cases in our scope, so that a table that excuses too much is noticed."""
    cases = [case for case in files[AGGREGATION_CASES] if "FailAt" not in case and _begin(case)]
    taken = [case for case, answer in _judge(cases, _aggregation_query) if answer[0] == "200"]
    excused = [case for case in cases if case not in taken
               and case["Input"] not in AGGREGATION_REFUSED]
    assert len(taken) >= 17, [case["Input"] for case in taken]
    assert all(any(re.search(pattern, case["Input"]) for pattern in AGGREGATION_UNSERVED)
               for case in excused)


if __name__ == "__main__":
    if not CASES.exists():
        print("1..0 # SKIP %s is not there" % CASES)
        sys.exit(0)
    # YAML knows no tab there, and dates must stay as they are written
    sys.exit(1 if tap.run(globals(), {
        path: yaml.load(path.read_text().replace("\t", " "), Loader=yaml.BaseLoader)["TestCases"]
        for path in (CASES, AGGREGATION_CASES)}) else 0)
