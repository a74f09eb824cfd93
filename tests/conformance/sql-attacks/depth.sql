-- Deep and long statements: parsers recurse with their input.
--- depth
SELECT @repeat(2000|(!1!))@ AS x
--- depth
SELECT @repeat(8000|1+)@1 AS x
--- depth
SELECT @repeat(300|(SELECT !1!))@ AS x
--- depth
SELECT @repeat(5000|(SELECT !1!))@ AS x
--- depth
SELECT @repeat(3000|- )@1 AS x
--- depth
SELECT @repeat(3000|NOT )@true AS x
--- depth
SELECT @repeat(1000|lower(!'x'!))@ AS x
--- depth
SELECT @repeat(1000|CASE WHEN true THEN !1! END)@ AS x
--- depth
SELECT @repeat(1500|ARRAY[!1!])@::text AS x
--- depth
SELECT x FROM @repeat(1000|(SELECT x FROM !orders AS o (x)! ) AS q)@
--- depth
@repeat(1000|SELECT 1 AS x UNION ALL )@ SELECT 1
--- depth
@repeat(1000|(SELECT 1 AS x EXCEPT !SELECT 2!))@
--- depth
SELECT 1 AS x WHERE @repeat(5000|true AND )@ true
--- depth
SELECT 1 AS x WHERE 1 IN (@repeat(9000|1, )@ 1)
--- depth
SELECT 1 AS x @repeat(1700|, 1 AS c#)@
--- depth
SELECT q.*, q.*, q.*, q.* FROM (SELECT 1 AS x @repeat(450|, 1 AS c#)@) AS q
--- depth
SELECT ('@repeat(20000|[)@')::jsonb::text AS x
--- depth
SELECT json_typeof('@repeat(20000|[)@') AS x
--- depth
SELECT ('x' ~ '@repeat(10000|()@')::text AS x
--- depth
SELECT '@repeat(20000|$.a)@'::jsonpath::text AS x
--- depth
WITH @repeat(500|c# AS (SELECT 1 AS x), )@ z AS (SELECT 2 AS x) SELECT x FROM z
--- depth
SELECT @repeat(400|jsonb_build_array(!1!))@::text AS x
--- depth
SELECT 1 AS x ORDER BY @repeat(3000|1, )@ 1
--- depth
SELECT 1 AS x GROUP BY GROUPING SETS (@repeat(1500|(), )@ ())
