-- # Questions that take without end: each must be refused, cut or answered within its limits, beside a neighbour.
-- # processor
select count(*) from range(10000000000) as a (i), range(1000) as b (j) where i % 7 = j % 3
select sum(i * j) from range(10000000) as a (i), range(10000000) as b (j)
select count(*) from range(100000) as a (i), range(100000) as b (j), range(100000) as c (k)
select count(*) from range(1000000000000)
select max(md5(i::varchar)) from range(10000000000) as t (i)
select max(sha256(i::varchar)) from range(10000000000) as t (i)
select sum(sin(i) * cos(i)) from range(100000000000) as t (i)
select count(*) from range(100000000) as t (i) where regexp_matches(repeat('a', 30) || i, '(a+)+$')
select count(*) from range(10000000) as t (i) where levenshtein(repeat('ab', 500), repeat('ba', 500) || i) = 3
select count(*) from range(10000000) as t (i) where jaro_winkler_similarity(repeat('ab', 5000), i::varchar) > 2
select count(*) from range(10000000) as t (i) where damerau_levenshtein(repeat('ab', 300), repeat('ba', 300) || i) = 3
select count(*) from range(100000000) as t (i) where repeat('a', 10000) || i like '%a%a%a%a%a%a%a%a%b'
select sum(factorial(20)) from range(10000000000)
select max(bit_count(i::hugeint)) from range(100000000000) as t (i)
select count(*) from indicator.value a, indicator.value b, indicator.value c, indicator.value d
select count(*) from indicator.value a, indicator.value b, indicator.value c where a.value > b.value and b.value > c.value
select count(*) from indicator.value a join indicator.value b on a.value <> b.value join indicator.value c on true
select count(*) from duckdb_columns() a, duckdb_columns() b, duckdb_columns() c
select count(*) from duckdb_functions() a, duckdb_functions() b, duckdb_functions() c
select sleep_ms(100000)
select sleep_ms(1000) from range(1000)
select pg_sleep(1000)
select max(gen_random_uuid()::varchar) from range(10000000000)
select sum(random()) from range(100000000000)
select quantile_cont(random(), 0.5) from range(100000000000)
select count(*) from range(100000000000) tablesample 99 percent
select (select max(i + j) from range(1000000) as b (j)) from range(1000000) as a (i)
select count(*) from range(1000000) as a (i), lateral (select count(*) from range(1000000) as b (j) where j > i)
select list_reduce(range(100000000), lambda x, y: x + y)
select list_sum(list_transform(range(100000000), lambda x: list_sum(list_transform(range(1000), lambda y: x * y))))
select list_sort(list_transform(range(100000000), lambda x: hash(x)))
select count(*) from (select row_number() over (order by hash(i)) from range(1000000000) as t (i))
select count(*) from (select sum(i) over (order by i rows between 100000000 preceding and current row) from range(100000000) as t (i))
select count(*) from (select median(i) over (order by i rows between 10000000 preceding and current row) from range(100000000) as t (i))
select count(*) from (select mode(i) over (order by i rows between 10000000 preceding and current row) from range(100000000) as t (i))
explain analyze select count(*) from range(10000000000) as a (i), range(1000) as b (j) where i % 7 = j % 3
summarize select i, md5(i::varchar) from range(100000000000) as t (i)
pivot (select i % 5 as k, i from range(100000000000) as t (i)) on k using sum(i)
pivot (select i as k from range(1000000) as t (i)) on k using count(*)
select count(distinct i) from range(100000000000) as t (i)
-- # recursion
with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r
with recursive r as (select 1 as n union all select n from r) select count(*) from r
with recursive r as (select 1 as n union all select n + 1 from r, range(10)) select count(*) from r
with recursive r as (select 'x' as s union all select s || s from r) select max(length(s)) from r
with recursive r as (select [1] as l union all select list_concat(l, l) from r) select max(len(l)) from r
with recursive r as (select 1 as n union select (n * 1103515245 + 12345) % 2147483648 from r) select count(*) from r
with recursive r using key (n) as (select 1 as n, 1 as m union select n, m + 1 from r) select max(m) from r
with recursive a as (select 1 as n union all select n + 1 from a), b as (select n from a union all select n + 1 from b) select max(n) from b
-- # memory
select list(i) from range(20000000000) as t (i)
select list(md5(i::varchar)) from range(1000000000) as t (i)
select string_agg(i::varchar, ',') from range(2000000000) as t (i)
select histogram(i) from range(1000000000) as t (i)
select map_from_entries(list((i, i))) from range(1000000000) as t (i)
select group_concat(repeat('x', 1000)) from range(100000000)
select count(*) from (select i, count(*) from range(10000000000) as t (i) group by i)
select count(*) from (select distinct md5(i::varchar) from range(1000000000) as t (i))
select i from range(1000000000) as t (i) order by hash(i) limit 1 offset 999999999
select count(*) from range(1000000000) as a (i) join range(1000000000) as b (i) using (i)
select count(*) from (select i from range(1000000000) as t (i) intersect select i from range(1000000000) as t (i))
select count(*) from (select i from range(1000000000) as t (i) except select i + 1 from range(1000000000) as t (i))
with t as materialized (select i, md5(i::varchar) as m from range(1000000000) as t (i)) select count(*) from t a join t b using (m)
select arg_max(i, i, 100000000) from range(1000000000) as t (i)
select max(i, 100000000) from range(1000000000) as t (i)
select approx_top_k(i, 100000000) from range(1000000000) as t (i)
select reservoir_quantile(i, 0.5, 100000000) from range(1000000000) as t (i)
select quantile(i, [0.1, 0.5, 0.9]) from range(10000000000) as t (i)
select entropy(i) from range(10000000000) as t (i)
select median(i::varchar) from range(1000000000) as t (i)
select length(repeat('x', 2000000000) || repeat('y', 2000000000))
select length(repeat(repeat('x', 1000000), 1000000))
select length(lpad('x', 2000000000, 'y'))
select length(rpad('x', 2000000000, 'y'))
select length(replace(repeat('a', 100000000), 'a', repeat('b', 1000)))
select length(regexp_replace(repeat('a', 100000000), 'a', repeat('b', 1000), 'g'))
select length(list_aggregate(range(1000000000), 'string_agg', ','))
select len(range(2000000000))
select len(range(20000000000))
select len(repeat([1], 2000000000))
select len(list_resize([1], 2000000000))
select len(generate_series(1, 10000000000))
select len(list_transform(range(1000000), lambda x: range(1000000)))
select len(string_split(repeat('a,', 500000000), ','))
select len(list_concat(range(1000000000), range(1000000000)))
select len(flatten(list_transform(range(100000), lambda x: range(100000))))
select length(hex(repeat('x', 1000000000)))
select length(to_json(range(1000000000))::varchar)
select length(json_group_array(i)::varchar) from range(1000000000) as t (i)
select length(encode(repeat('x', 1000000000)))
select length(format('{:>2000000000}', 'x'))
select length(printf('%2000000000d', 1))
select length(bitstring('1', 2000000000)::varchar)
select length(repeat('x', 9223372036854775807))
select length(translate(repeat('abc', 500000000), 'abc', '字字字'))
-- # results
select * from range(1000000000000)
select i, md5(i::varchar), sha256(i::varchar) from range(1000000000) as t (i)
select repeat('x', 1000000) from range(1000000)
select repeat('x', 400000000)
select repeat('x', 100000000) from range(100)
select range(1000000) from range(1000000)
select range(100000000)
select * from indicator.value a, indicator.value b
select * from indicator.value a, indicator.value b, indicator.value c
select unnest(range(10000000000))
select * from generate_series(1, 1000000000000)
select columns(*) from (select * from indicator.value a, indicator.value b)
select repeat_row(1, 2, 3, num_rows = 1000000000)
from repeat_row(1, 2, 3, num_rows = 100000000000)
from repeat('x', 100000000000)
-- # the parser and the planner
{nested select (}
{nested parentheses}
{nested functions}
{nested lists}
{nested case}
{many columns}
{many unions}
{many joins}
{many ctes}
{many conditions}
{long in}
{long text}
{long comment}
{wide values}
{grouping sets}
{cube}
