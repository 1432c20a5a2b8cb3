-- What the shops deliver, as it is before dbt has seen any of it.
create schema raw;
create table raw.customers (id integer primary key, name text not null, updated_at timestamptz not null);
create table raw.sales (
    id integer primary key, customer_id integer not null, cents integer not null, updated_at timestamptz not null
);
create table raw.stock (product text primary key, pieces integer not null, updated_at timestamptz not null);
insert into raw.customers values (1, 'Ana', '2026-05-01T06:00:00Z'), (2, 'Bo', '2026-05-01T06:00:00Z');
insert into raw.sales values (1, 1, 1250, '2026-05-01T09:00:00Z'), (2, 2, 300, '2026-05-01T10:00:00Z');
insert into raw.stock values ('apple', 12, '2026-05-01T05:00:00Z'), ('pear', 7, '2026-05-01T05:00:00Z');
