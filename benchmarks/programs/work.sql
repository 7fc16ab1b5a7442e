create table person (id integer primary key, name text, town integer, income real);
with recursive count (n) as (select 1 union all select n + 1 from count where n < 20000)
insert into person select n, 'name ' || (n * 7919 % 20011), n * 31 % 97, (n * 1103515245 + 12345) % 99991 from count;
create index by_town on person (town, name);
select town, count(*), round(avg(income), 2), max(name) from person group by town order by avg(income) limit 5;
select count(*), sum(a.income - b.income) from person a join person b on b.id = a.id * 3 where a.town < 40;
update person set income = income * 1.5 where name like '%99%';
select sum(length(name)), total(income) from person where name > 'name 3' order by income;
delete from person where town in (select town from person where id < 20);
select count(*) from person;
