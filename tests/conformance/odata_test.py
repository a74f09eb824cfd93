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

# Rules of which positive cases may be answered 501, and what it is that we do not have.
UNSERVED = {
    "filter": r"/|\$it|\$this|has |Sales\.|\{|@|geo",
    "orderby": r"/",
    "orderBy": r"/",
    "select": r"/|\.|\(|@",
    "queryOptions": r"\$?(search|expand|compute|index)=|\$it|Model\.|@Core",
    "systemQueryOption": r"schemaversion",
    "search": r"", "expand": r"", "compute": r"", "deltatoken": r"", "isofExpr": r"",
    "commonExpr": r"/|\[|\{|\$root|Model\.|cast\((Customer|Category)|geo\.",
    "boolCommonExpr": r"/|\[|\$this|has |geo\.",
    "propertyPathExpr": r"/", "firstMemberExpr": r"/", "enumLiteral": r"Sales\.",
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


def _judge(cases):
    lines = "".join(_options(_query(case)).replace("\n", " ") + "\n" for case in cases)
    program = subprocess.run([os.environ["ODATA_OPTIONS"]], input=lines.encode(),
                             stdout=subprocess.PIPE, check=True)
    answers = [line.split("\t") for line in program.stdout.decode().splitlines()]
    assert len(answers) == len(cases)
    return zip(cases, answers)


def _fault(case, status):
    """What is wrong with the answer to a case; None when nothing is."""
    text, rule = case["Input"], case["Rule"]
    if "FailAt" in case:
        if (status == "200") != (text in TAKEN):
            return "a negative case is answered %s" % status
    elif (status == "400") != (text in REFUSED):
        return "a positive case is answered %s" % status
    elif status == "501" and not re.search(UNSERVED.get(rule, "$^"), text):
        return "what should be served is answered 501"
    return None


def every_rule_is_put_to_the_test_or_elsewhere(cases):
    rules = {case["Rule"] for case in cases}
    assert rules <= set(RULES) | set(ELSEWHERE), rules - set(RULES) - set(ELSEWHERE)
    assert set(RULES) <= rules | {"byte", "null"}, set(RULES) - rules
    assert len(cases) == 840


def exceptions_are_cases(cases):
    inputs = {case["Input"] for case in cases}
    assert set(REFUSED) | set(TAKEN) <= inputs


def a_rule_is_followed(cases):
    for rule in RULES:
        yield rule, _follows, [case for case in cases if case["Rule"] == rule]


def _follows(cases):
    faults = ["%s: %s (%s)" % (case["Input"], fault, answer[3])
              for case, answer in _judge(cases) for fault in [_fault(case, answer[0])] if fault]
    assert not faults, "\n".join(faults)


if __name__ == "__main__":
    if not CASES.exists():
        print("1..0 # SKIP %s is not there" % CASES)
        sys.exit(0)
    # YAML knows no tab there, and dates must stay as they are written
    document = yaml.load(CASES.read_text().replace("\t", " "), Loader=yaml.BaseLoader)
    sys.exit(1 if tap.run(globals(), document["TestCases"]) else 0)
