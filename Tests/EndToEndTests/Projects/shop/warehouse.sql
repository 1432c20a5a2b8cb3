create table fct_sales (id integer, updated_at text);
create table dim_customer (id integer, updated_at text);
create table fct_stock (id integer, updated_at text);
insert into fct_sales values (1, '2026-05-01T09:00:00Z'), (2, '2026-05-01T10:00:00Z');
insert into dim_customer values (1, '2026-05-01T06:00:00Z');
insert into fct_stock values (1, '2026-05-01T05:00:00Z');
