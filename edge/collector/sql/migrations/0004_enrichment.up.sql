-- Events of programs are marked in a column of their own: every count leaves them out.
alter table nunchi.analytics_events add column bot boolean not null default false;
